"""Conditions of rules on requests."""

from typing import Any

import pytest

from calls import call
from chatdouble.core.errors import APIError
from chatdouble.scripts.format.matchers import Matcher
from chatdouble.scripts.format.rule import When
from chatdouble.scripts.matching.compiled_matcher import compile_matcher
from chatdouble.scripts.matching.conditions import conditions
from chatdouble.scripts.matching.request_view import RequestView
from scripting import function, said, scripted, tool_messages

USER: dict[str, Any] = {"role": "user", "content": "What is the weather in Paris?"}
PICTURE: dict[str, Any] = {
    "role": "user",
    "content": [
        {"type": "text", "text": "Look"},
        {"type": "text", "text": "here"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
        {"type": "input_audio", "input_audio": {"data": "AA==", "format": "wav"}},
        {"type": "file", "file": {"file_id": "f"}},
    ],
}
WEATHER: dict[str, Any] = {
    "model": "gpt-4o-mini",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "developer", "content": "Be kind."},
        {**USER, "name": "ann"},
    ],
    "tools": [function("get_weather"), {"type": "custom", "custom": {"name": "run"}}],
    "tool_choice": {"type": "function", "function": {"name": "get_weather"}},
    "temperature": 0.5,
    "stop": ["END", "STOP"],
    "stream": True,
    "store": True,
    "metadata": {"team": "blue"},
    "user": "user-7",
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "answer", "strict": True, "schema": {"type": "object"}},
    },
}
LOOP: dict[str, Any] = {
    "messages": [USER, *tool_messages("get_weather", '{"temp": 21, "sky": ["clear"]}')],
    "tools": [function("get_weather")],
}


def holds(when: dict[str, Any], request: dict[str, Any]) -> bool:
    asked = call(headers={"x-team": "Blue", "user-agent": "t/1"}, session="sk-one", **request)
    return conditions(When.model_validate(when)).holds(RequestView(asked))


@pytest.mark.parametrize(
    "when",
    [
        {},
        {"model": "gpt-4o*"},
        {"model": {"one_of": ["gpt-4o", "gpt-4o-mini"]}},
        {"system": {"contains": ["brief", "kind"]}},
        {"system": "Be brief.\nBe kind."},
        {"user": "*weather*"},
        {"user": "What is the weather in Paris?"},
        {"user": {"equals": "what is the WEATHER in paris?", "ignore_case": True}},
        {"user": {"contains": "PARIS", "ignore_case": True}},
        {"user": {"matches": r"weather in (\w+)"}},
        {"user": {"matches": "WEATHER", "ignore_case": True}},
        {"user": {"glob": "What is * in P[ae]ris?"}},
        {"user": {"length": {"gt": 10, "lt": 100}}},
        {"user": {"any": ["ping", "*Paris*"]}},
        {"user": {"all": ["*weather*", "*Paris*"]}},
        {"user": {"not": "ping"}},
        {"last": {"role": "user", "name": "ann"}},
        {"last": "*Paris*"},
        {"messages": [{"role": "system", "text": "*brief*"}, {"index": -1, "role": "user"}]},
        {"messages": [{"index": 1, "role": "developer"}]},
        {"message_count": 3},
        {"turn": 1},
        {"turn": {"lte": 1}},
        {"tools": "get_weather"},
        {"tools": ["get_*", "run"]},
        {"tools": {"any": ["other", "run"]}},
        {"tools": {"none": ["other"]}},
        {"tools": {"only": ["run", "get_weather"]}},
        {"tools": {"count": 2}},
        {"tools": True},
        {"tool_choice": "get_weather"},
        {"tool_result": False},
        {"response_format": "json_schema"},
        {"response_format": {"name": "ans*", "strict": True, "schema": {"type": "object"}}},
        {"images": False, "audio": 0, "files": {"lt": 1}},
        {"stream": True},
        {"body": {"temperature": {"gte": 0.5}}},
        {"body": {"$.stop[1]": "STOP"}},
        {"body": {"stop[*]": "END"}},
        {"body": {"stop": {"contains": "END"}}},
        {"body": {"stop": {"length": 2}}},
        {"body": {"stop": ["END", "STOP"]}},
        {"body": {"seed": {"present": False}, "store": True}},
        {"body": {"response_format": {"at": {"json_schema.name": "answer"}}}},
        {"headers": {"X-Team": "Blue", "user-agent": {"matches": "^t/"}}},
        {"metadata": {"team": "blue", "other": {"present": False}}},
        {"user_field": "user-*"},
        {"session": "sk-*"},
        {"all": [{"model": "gpt*"}, {"stream": True}]},
        {"any": [{"model": "o3"}, {"stream": True}]},
        {"not": {"model": "o3"}},
    ],
)
def test_a_condition_holds(when: dict[str, Any]) -> None:
    assert holds(when, WEATHER)


@pytest.mark.parametrize(
    "when",
    [
        {"model": "gpt-4o"},
        {"user": "what is the weather in paris?"},
        {"user": {"contains": ["weather", "London"]}},
        {"user": {"contains": 5}},
        {"user": {"matches": "^weather"}},
        {"user": {"present": False}},
        {"user": {"gt": 5}},
        {"user": {"equals": None}},
        {"last": {"role": "tool"}},
        {"messages": [{"role": "assistant"}]},
        {"messages": [{"index": 9, "role": "user"}]},
        {"messages": [{"role": "system", "text": "*kind*"}]},
        {"turn": True},
        {"tools": ["get_weather", "other"]},
        {"tools": {"none": ["run"]}},
        {"tools": {"only": ["run"]}},
        {"tools": False},
        {"tool_choice": "auto"},
        {"tool_result": True},
        {"response_format": "text"},
        {"response_format": {"strict": False}},
        {"images": True},
        {"stream": False},
        {"body": {"store": 1}},
        {"body": {"temperature": {"present": False}}},
        {"body": {"temperature": {"lt": 0.5}}},
        {"headers": {"x-team": "blue"}},
        {"headers": {"x-none": {"present": True}}},
        {"metadata": {"team": "red"}},
        {"session": "sk-two"},
        {"all": [{"model": "gpt*"}, {"stream": False}]},
        {"any": [{"model": "o3"}, {"stream": False}]},
        {"not": {"model": "gpt*"}},
    ],
)
def test_a_condition_does_not_hold(when: dict[str, Any]) -> None:
    assert not holds(when, WEATHER)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"tool_result": True}, True),
        ({"tool_result": "*21*"}, True),
        ({"tool_result": {"name": "get_weather", "json": {"temp": {"gt": 20}, "sky[0]": "clear"}}}, True),
        ({"tool_result": {"json": {"temp": {"gt": 30}}}}, False),
        ({"tool_result": {"name": "other"}}, False),
        ({"last": {"role": "tool"}}, True),
        ({"last": {"text": {"at": {"temp": 21}}}}, True),
        ({"messages": [{"role": "assistant", "tool_calls": ["get_weather"]}]}, True),
        ({"messages": [{"tool_calls": {"count": 2}}]}, False),
        ({"tool_choice": "auto"}, True),
        ({"response_format": "text"}, True),
    ],
)
def test_conditions_on_tool_results(when: dict[str, Any], expected: bool) -> None:
    assert holds(when, LOOP) is expected


def test_parts_of_messages_are_counted_and_their_texts_joined() -> None:
    request = {"messages": [PICTURE, {"role": "assistant", "content": "Nice."}, PICTURE]}
    assert holds({"images": 2, "audio": 2, "files": 2, "last": {"images": 1}}, request)
    assert holds({"user": {"contains": ["Look", "here"]}}, request)


def test_legacy_functions_are_tools_too() -> None:
    request = {"functions": [{"name": "old"}], "function_call": {"name": "old"}}
    assert holds({"tools": ["old"], "tool_choice": "old"}, request)


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        ("required", "required"),
        ({"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": []}}, "allowed_tools"),
        ({"type": "custom", "custom": {"name": "run"}}, "run"),
    ],
)
def test_tool_choice_is_its_mode_or_the_named_tool(choice: Any, called: str) -> None:
    tools = [function("get"), {"type": "custom", "custom": {"name": "run"}}]
    assert holds({"tool_choice": called}, {"tools": tools, "tool_choice": choice})


def test_tool_choice_is_none_without_tools() -> None:
    assert holds({"tool_choice": "none"}, {})


def test_a_result_without_a_call_has_no_name_and_text_that_is_not_json_has_no_values() -> None:
    request = {"messages": [USER, {"role": "tool", "tool_call_id": "gone", "content": "plain"}]}
    assert holds({"tool_result": {"name": "", "json": {"temp": {"present": False}}}}, request)


async def test_an_agent_loop_needs_one_rule_for_the_question_and_one_for_the_result() -> None:
    backend = scripted("- {when: {user: '*weather*'}, reply: asked}\n- {when: {last: {role: tool}}, reply: told}")
    assert await said(backend, messages=[USER]) == "asked"
    assert await said(backend, messages=LOOP["messages"]) == "told"


async def test_a_rule_with_tool_result_may_match_the_users_text_too() -> None:
    backend = scripted("- {when: {user: '*Paris*', tool_result: true}, reply: told of Paris}\n- reply: other")
    assert await said(backend, messages=LOOP["messages"]) == "told of Paris"
    assert await said(backend, messages=[USER]) == "other"


@pytest.mark.parametrize("when", ["{not: {user: hello}}", "{model: gpt*}"])
async def test_rules_without_user_match_after_tool_results(when: str) -> None:
    assert await said(scripted(f"- {{when: {when}, reply: yes}}"), messages=LOOP["messages"]) == "yes"


async def test_a_near_miss_tells_that_a_rule_with_user_does_not_match_a_tool_result() -> None:
    with pytest.raises(APIError) as raised:
        await said(scripted("- {when: {any: [{user: '*Paris*'}]}, reply: x}"), messages=LOOP["messages"])
    assert "failed at last.role" in raised.value.message
    assert "the user's turn" in raised.value.message


def captured(when: dict[str, Any], request: dict[str, Any]) -> dict[str, str]:
    asked = conditions(When.model_validate(when))
    view = RequestView(call(**request))
    assert asked.holds(view)
    return asked.captures(view)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"user": {"matches": r"in (?P<city>\w+)"}}, {"city": "Paris"}),
        ({"user": {"matches": r"in (?P<city>\w+)( on (?P<day>\w+))?"}}, {"city": "Paris"}),
        ({"any": [{"user": {"matches": "(?P<no>London)"}}, {"user": {"matches": "(?P<yes>Paris)"}}]}, {"yes": "Paris"}),
        ({"user": {"any": [{"matches": "(?P<a>x)"}, {"matches": "(?P<b>w.)"}]}}, {"b": "we"}),
        ({"messages": [{"role": "user", "text": {"matches": "(?P<q>What)"}}]}, {"q": "What"}),
        ({"body": {"metadata.team": {"matches": "(?P<first>.)"}}}, {"first": "b"}),
        ({"not": {"user": {"matches": "(?P<no>London)"}}}, {}),
        ({"user": {"matches": "Paris"}}, {}),
    ],
)
def test_named_groups_are_captured(when: dict[str, Any], expected: dict[str, str]) -> None:
    assert captured(when, WEATHER) == expected


def test_the_case_of_long_texts_is_ignored_in_parts() -> None:
    parts: list[int] = []

    class _Text(str):
        """A text that tells how much of it is folded at once."""

        __slots__ = ()

        def __getitem__(self, part: Any) -> str:
            return _Text(super().__getitem__(part))

        def casefold(self) -> str:
            parts.append(len(self))
            return super().casefold()

    text = _Text("Straße " * 100_000 + "Ende")
    for matcher, is_met in (
        ({"contains": "STRASSE ende", "ignore_case": True}, True),
        ({"contains": "anfang", "ignore_case": True}, False),
        ({"contains": ["anf\u00e4nge", "ENDE"], "ignore_case": True}, False),
        ({"contains": "STRASSE " * 50_000 + "ENDE", "ignore_case": True}, True),
        ({"contains": "stra\u00dfe " * 50_000 + "Ende"}, False),
        ({"contains": ["", "e" + " Stra\u00dfe" * 50_000, " Ende"]}, True),
        ({"contains": [" Ende", 5]}, False),
        ({"equals": "STRASSE", "ignore_case": True}, False),
        ({"equals": "STRASSE " * 100_000 + "ENDE", "ignore_case": True}, True),
    ):
        assert compile_matcher(Matcher.model_validate(matcher)).test(text) is is_met
    assert sum(parts) == 5 * len(text)
    assert max(parts) <= 256 * 1024
