"""Lint finds mistakes, and nothing in correct scripts."""

from pathlib import Path

import pytest

from chatdouble.scripts.lint import lint, lint_paths
from chatdouble.scripts.reading.load import parse


def found(text: str) -> list[str]:
    return [f"{finding.line}: {finding.severity}: {finding.message}" for finding in lint(parse(text, "s.yaml"))]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("{reply: x}", "{when: {user: a}, reply: x}"),
        ("{when: {user: a}, reply: x}", "{when: {user: a}, reply: x}"),
        ("{when: {user: '*a*'}, reply: x}", "{when: {user: cat, model: gpt*}, reply: x}"),
        ("{when: {user: {matches: 'c.t'}}, reply: x}", "{when: {user: {equals: cat}}, reply: x}"),
        ("{when: {tools: [a]}, reply: x}", "{when: {tools: [a, b]}, reply: x}"),
        ("{when: {tools: [a]}, reply: x}", "{when: {tools: {only: [a]}}, reply: x}"),
        ("{sequence: [x, y]}", "{reply: x}"),
        ("{when: {stream: true}, reply: x}", "{when: {stream: true, turn: 1}, reply: x}"),
        ("{when: {last: {role: tool}}, reply: x}", "{when: {last: {role: tool}, user: a}, reply: x}"),
    ],
)
def test_a_rule_after_one_that_answers_all_its_requests_is_never_reached(earlier: str, later: str) -> None:
    assert found(f"- {earlier}\n- {later}") == [
        "2: error: never reached: 'rule 1' at s.yaml:1 answers every request that it matches"
    ]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("{when: {user: a}, reply: x}", "{reply: x}"),
        ("{when: {user: a}, reply: x}", "{when: {user: b}, reply: x}"),
        ("{when: {user: cat}, reply: x}", "{when: {user: '*a*'}, reply: x}"),
        ("{when: {user: cat}, reply: x}", "{when: {user: {equals: cat, ignore_case: true}}, reply: x}"),
        ("{reply: x, times: 1}", "{reply: x}"),
        ("{sequence: [x], then: unmatched}", "{reply: x}"),
        ("{when: {hits: 0}, reply: x}", "{reply: x}"),
        ("{scenario: {name: s, required_state: Started, new_state: b}, reply: x}", "{reply: x}"),
        ("{when: {user: a}, reply: x}", "{when: {user: a, last: {role: tool}}, reply: x}"),
        ("{when: {tools: [a, b]}, reply: x}", "{when: {tools: [a]}, reply: x}"),
        ("{when: {any: [{turn: 1}]}, reply: x}", "{when: {turn: 1}, reply: x}"),
        ("{when: {images: true}, reply: x}", "{when: {images: 2}, reply: x}"),
    ],
)
def test_a_rule_that_may_be_reached_has_no_finding(earlier: str, later: str) -> None:
    assert found(f"- {earlier}\n- {later}") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "- {name: a, when: {user: x}, reply: x}\n- {name: a, reply: y}",
            ["2: error: the rule at s.yaml:1 has the same name 'a'"],
        ),
        (
            "- {scenario: {name: s, required_state: Two}, reply: x}",
            ["1: error: never reached: no rule sets the scenario 's' to the state 'Two'"],
        ),
        ("- {times: 1, sequence: [a, b]}", ["1: warning: never given: `times` limits the rule to 1"]),
        ("- reply: '{{ a b }}'", ["the template does not parse"]),
        ("- reply: '{{ usr }}'", ["1: error: undefined variable 'usr' in the template"]),
        (
            "- reply: {tool_calls: [{a: {b: ['{{ match.c }}']}}]}",
            ["1: error: the template uses match.c, but no regular expression of the rule captures it"],
        ),
        (
            "- when: {user: {matches: '(?P<a>x)(?P<b>y)'}}\n  reply: '{{ match.a }}'",
            ["1: warning: the capture 'b' is not used"],
        ),
        ("- reply: '{{ tool.text }}'", ["the rule also matches requests without a tool result"]),
        ("- reply: {json: a, refusal: b}", ["1: error: has a refusal together with json"]),
        (
            "- reply: {tool_calls: [a], function_call: {name: a, arguments: ''}}",
            ["has both tool_calls and function_call"],
        ),
        (
            "- reply: {text: a, finish_reason: tool_calls}",
            ["1: error: has the finish_reason tool_calls but no tool_calls"],
        ),
        (
            "- reply: {choices: [a, {text: b, finish_reason: function_call}]}",
            ["has the finish_reason function_call but no function_call"],
        ),
        (
            "- {when: {tools: [a]}, reply: {tool_calls: [b]}}",
            ["calls 'b', which is not among the rule's tools (a)"],
        ),
        ("- {when: {tools: false}, reply: {tool_calls: [b]}}", ["not among the rule's tools (none)"]),
        (
            "- {when: {tool_choice: none}, reply: {tool_calls: [b]}}",
            ["calls a tool although the rule's tool_choice is none"],
        ),
        ("- {when: {tool_choice: required}, reply: b}", ["calls no tool although the rule's tool_choice is required"]),
        ("- {when: {tool_choice: a}, reply: b}", ["1: error: calls no tool although the rule's tool_choice names a"]),
        ("- reply: {json: '{{ user }}', refusal: b}", ["1: error: has a refusal together with json"]),
        ("- reply:\n    tool_calls: [a]\n    refusal: b", ["3: error: has a refusal together with tool_calls"]),
        (
            "- when: {response_format: json_object}\n  reply:\n    content: words",
            ["3: error: has text that is not JSON although the rule's response_format is json_object"],
        ),
        ("- {when: {tool_choice: a}, reply: {tool_calls: [b]}}", ["calls b although the rule's tool_choice names a"]),
        (
            "- {when: {response_format: json_object}, reply: words}",
            ["has text that is not JSON although the rule's response_format is json_object"],
        ),
        (
            (
                "- when: {response_format: {schema: {properties: {a: {type: integer}}, required: [a, b]}}}\n"
                "  reply: {json: {a: x}}"
            ),
            ["is not valid under the rule's schema: a: 'x' is not of type 'integer'", "'b' is a required property"],
        ),
        (
            "- when: {response_format: {schema: {required: [b]}}}\n  reply: '{\"a\": 1}'",
            ["is not valid under the rule's schema: 'b' is a required property"],
        ),
        ("- when: {response_format: {schema: {type: nonsense}}}\n  reply: {json: 1}", ["1: error: not a JSON Schema"]),
        (
            "- reply: {text: a, usage: {prompt_tokens: 1, completion_tokens: 2, total_tokens: 4}}",
            ["has 4 tokens in total, but 1 and 2 make 3"],
        ),
        (
            (
                "- reply: {text: abc, annotations: [{type: url_citation,"
                " url_citation: {start_index: 0, end_index: 9, title: t, url: u}}]}"
            ),
            ["cites up to character 9 of a text of 3 characters"],
        ),
        ("- reply: {tool_calls: [{run: print}]}", ["1: warning: has arguments for 'run' that are not JSON"]),
    ],
)
def test_mistakes_are_found(text: str, said: list[str]) -> None:
    findings = found(text)
    assert len(findings) == len(said), findings
    assert all(any(words in finding for finding in findings) for words in said), findings


@pytest.mark.parametrize(
    "text",
    [
        "- {when: {user: {matches: '(?P<a>x)'}}, reply: {json: '{{ match }}'}}",
        "- {when: {not: {user: {matches: '(?P<a>x)'}}}, reply: x}",
        "- {when: {messages: [{role: user, text: {matches: '(?P<a>x)'}}]}, reply: '{{ match.a }}'}",
        "- {when: {tool_result: true}, reply: '{{ tool.text }} {{ range(3) | list }}'}",
        "- {when: {tools: ['get_*']}, reply: {tool_calls: [get_it, '{{ user }}']}}",
        "- {when: {tools: true}, reply: {tool_calls: [a]}}",
        "- {when: {tool_choice: a, tools: [a]}, reply: {tool_calls: [a], finish_reason: stop}}",
        "- {when: {tool_choice: required}, reply: {refusal: 'No.'}}",
        "- {when: {response_format: json_object}, reply: '{{ user }}'}",
        "- {when: {response_format: json_schema}, reply: {json: {a: 1}}}",
        "- {when: {response_format: json_schema}, reply: 'null'}",
        "- {when: {response_format: {schema: {properties: {a: {type: integer}}}}}, reply: {json: {a: '{{ turn }}'}}}",
        "- reply: {text: '{{ user }}', usage: {prompt_tokens: 1, completion_tokens: 2}}",
        (
            "- {scenario: {name: s, new_state: Two}, when: {turn: 1}, reply: x}\n"
            "- {scenario: {name: s, required_state: Two}, reply: x}"
        ),
        "- reply: {error: {status: 500, message: '{{ user }}'}}",
        "- {reply: {recorded: {headers: {x-a: '{{ a'}, body: '{{ b {% for %}'}}}",
        "- {reply: {recorded: {stream: [{data: '{{ a'}, {data: {a: '{%'}}]}}}",
    ],
)
def test_correct_rules_have_no_findings(text: str) -> None:
    assert found(text) == []


def test_findings_are_in_the_order_of_the_files_and_have_hints(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- {reply: '{{ b }}'}\n- {when: {turn: 1}, reply: '{{ c }}'}")
    (tmp_path / "b.yaml").write_text("- {name: x, when: {turn: 2}, reply: y}")
    findings = lint_paths([tmp_path])
    assert [(Path(finding.file).name, finding.line) for finding in findings] == [
        ("a.yaml", 1),
        ("a.yaml", 2),
        ("a.yaml", 2),
        ("b.yaml", 1),
    ]
    assert str(findings[0]) == (
        f"{tmp_path}/a.yaml:1:4: error: rule 1: undefined variable 'b' in the template\n"
        "    Available: request, match, user, tool, tools, counter, random, now, session, turn, headers."
    )


def test_mistakes_of_a_script_that_does_not_load_are_findings(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- {rply: x}")
    (finding,) = lint_paths([tmp_path])
    assert str(finding).endswith("a.yaml:1:4: error: rules[0].rply: unknown key; did you mean 'reply'?")
