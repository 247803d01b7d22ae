"""Replies that cannot be sent are refused at load, with file, line and column."""

from pathlib import Path

import pytest

from chatdouble.core.errors import APIError
from chatdouble.layers.queue import checked_replies
from chatdouble.scripts.lint import lint_paths
from chatdouble.scripts.reading.load import NO_UPSTREAM, ScriptError, parse


def mistake(reply: str) -> str:
    """Return the one mistake in a reply, which stands in the second line of its script."""
    with pytest.raises(ScriptError) as raised:
        parse(f"- name: a\n  reply: {reply}", "s.yaml")
    (problem,) = raised.value.problems
    return (
        f"{problem.place.line}:{problem.place.column} {problem.key.removeprefix('rules[0].reply')}: {problem.message}"
    )


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("{chunks: [{raw: null}]}", "2:20 .chunks[0]: raw is null: give a string"),
        ("{chunks: [a, {text: null}]}", ".chunks[1]: text is null: give a string"),
        ("{chunks: [{chunk: null}]}", ".chunks[0]: chunk is null: give an object"),
        ("{chunks: []}", "2:11 .chunks: List should have at least 1 item"),
        ("{chunks: null}", "2:11 .chunks: is null, which is not an answer"),
        ("{complete: true, chunks: [{choices: null}]}", "`complete` needs chunks whose choices are a list of objects"),
        (
            "{complete: true, chunks: [{choices: [null]}]}",
            "`complete` needs chunks whose choices are a list of objects",
        ),
        ("{complete: true, chunks: [{choices: x}]}", "`complete` needs chunks whose choices are a list of objects"),
        ("{complete: true, text: a}", "`complete` fills in `chunks`, and this reply has none"),
        ("{azure: true, error: 500}", "`azure` adds to an answer of this reply, and not to `error`"),
        ("{text: a, usage: {prompt_tokens: null}}", "2:28 .usage.prompt_tokens: must be a number of tokens"),
        ("{text: a, usage: {total_tokens: -1}}", ".usage.total_tokens: must be a number of tokens"),
        ("{text: a, usage: {prompt_tokens: true}}", ".usage.prompt_tokens: must be a number of tokens"),
        ("{text: a, usage: {prompt_tokens_details: 5}}", ".usage.prompt_tokens_details: must be an object of counts"),
        ("{error: null}", "2:11 .error: is null, which is not an answer"),
        ("{body: null}", "2:11 .body: is null"),
        ("{text: a, audio: {transcript: a, data: '??'}}", "2:43 .audio.data: not base64"),
        ("{text: a, headers: {x a: b}}", "2:30 .headers.x a: 'x a' is not the name of a header"),
        (
            "{text: a, headers: {Content-Length: '1'}}",
            "2:30 .headers.Content-Length: the server computes content-length",
        ),
        ("{text: a, headers: {transfer-encoding: chunked}}", "transfer-encoding is about the connection"),
        ("{text: a, headers: {connection: close}}", "connection is about the connection"),
        ("{text: a, headers: {x-a: grün}}", "2:30 .headers.x-a: the value of a header has only printable ASCII"),
        ('{text: a, headers: {x-a: "a\\r\\nb: c"}}', ".headers.x-a: the value of a header has only printable ASCII"),
        ("{error: {status: 500, headers: {x a: b}}}", "2:42 .error.headers.x a: 'x a' is not the name"),
        ("{body: {text: ab, headers: {x a: b}}}", ".body.headers.x a: 'x a' is not the name"),
        ("{body: {text: ab, headers: {upgrade: h2}}}", "upgrade is about the connection"),
        ("{body: {text: ab, headers: {content-length: '1'}}}", "content-length is 1, but the body has 2 bytes"),
        ("{body: {text: ab, headers: {content-length: '3'}}}", "content-length is 3, but the body has 2 bytes"),
        ("{body: {text: '{{ user }}', headers: {content-length: '3'}}}", "the body has a template"),
        ("{body: {status: 204, text: ab}}", "2:11 .body: a response of status 204 has no body"),
        ("{recorded: {headers: {x a: b}, body: ab}}", "'x a' is not the name of a header"),
        ("{recorded: {headers: {content-length: '9'}, body: ab}}", "content-length is 9, but the body has 2 bytes"),
        ('{recorded: {headers: {x-a: "a\\r\\nb: c"}, body: ab}}', "the value of a recorded header has only"),
        ('{recorded: {headers: {x-a: [a, "\\x01"]}, body: ab}}', "the value of a recorded header has only"),
        ("{body: {text: ab, headers: {content-length: abc}}}", "content-length is abc, but the body has 2 bytes"),
        ("{recorded: {headers: {content-length: abc}, body: ab}}", "content-length is abc, but the body has 2 bytes"),
        ("{error: {status: 500, headers: {content-length: abc}}}", "the server computes content-length"),
        ('{error: {status: 500, headers: {x-a: "a\\nb"}}}', ".error.headers.x-a: the value of a header has only"),
        ("{recorded: {status: 304, body: ab}}", "a response of status 304 has no body"),
        ("{error: insuficient_quota}", "2:11 .error.name: must be 'insufficient_quota', 'rate_limit_exceeded',"),
        ("{error: insuficient_quota}", "; did you mean 'insufficient_quota'?"),
        ("{error: {name: overload}}", "; did you mean 'overloaded'?"),
    ],
)
def test_a_reply_that_cannot_be_sent_does_not_load(reply: str, expected: str) -> None:
    assert expected in mistake(reply)


@pytest.mark.parametrize(
    "reply",
    [
        "{chunks: [{choices: null}]}",
        "{chunks: [{choices: [null]}]}",
        "{chunks: [{choices: x}]}",
        "{chunks: [{chunk: {}}]}",
        "{text: a, usage: null}",
        "{text: a, usage: {prompt_tokens: '{{ turn }}', prompt_tokens_details: null, cost: 0.1}}",
        "{body: {text: äb, headers: {content-length: '3', X_a!: \"a\\tb\"}}}",
        "{body: {status: 204, headers: {x-a: b}}}",
        "{recorded: {headers: {content-length: '2', x-a: [b, c]}, body: ab}}",
        "{text: a, headers: {x-a: '{{ user }}'}}",
    ],
)
def test_a_reply_that_can_be_sent_loads(reply: str) -> None:
    assert len(parse(f"- reply: {reply}").rules) == 1


@pytest.mark.parametrize("reply", ['{"text": "\\ud83d"}', '{"tool_calls": [{"f": {"a": ["\\ud83d"]}}]}', '"\\ud83d"'])
def test_a_text_that_cannot_be_encoded_does_not_load(reply: str) -> None:
    with pytest.raises(ScriptError, match="a text has half of a surrogate pair"):
        parse(f'[{{"reply": {reply}}}]', "s.json", json=True)


def test_lint_and_the_queue_find_the_same_mistakes(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- reply: {chunks: [{raw: null}]}")
    (finding,) = lint_paths([tmp_path])
    assert str(finding).endswith("a.yaml:1:20: error: rules[0].reply.chunks[0]: raw is null: give a string")
    with pytest.raises(APIError, match=r"queue\[0\]\.chunks\[0\]: raw is null"):
        checked_replies({"chunks": [{"raw": None}]})


def test_lint_tells_which_replies_need_an_upstream(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- {when: {turn: 1}, reply: {upstream: true}}\n- sequence: [a, {upstream: true}]")
    found = [str(one) for one in lint_paths([tmp_path], has_upstream=False)]
    assert [line.split("a.yaml:")[1] for line in found] == [
        f"1:29: warning: rules[0].reply.upstream: {NO_UPSTREAM}",
        f"2:18: warning: rules[1].sequence[1].upstream: {NO_UPSTREAM}",
    ]
    assert lint_paths([tmp_path]) == []


def test_a_wait_of_more_than_a_century_is_refused_where_it_is_written() -> None:
    assert "retry_after" in mistake("{error: {status: 429, retry_after: 1.0e+308}}")


def test_a_tool_call_whose_type_is_an_object_is_a_mistake() -> None:
    with pytest.raises(ScriptError) as raised:
        parse("- reply: {tool_calls: [{f: {}, type: {}}]}", "s.yaml")
    assert raised.value.problems
