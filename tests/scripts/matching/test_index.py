"""The index finds every rule that matches."""

from typing import Any

import pytest
from ahocorasick_rs import AhoCorasick
from hypothesis import given
from hypothesis import strategies as st

from calls import call
from chatdouble.scripts.format.rule import Rule
from chatdouble.scripts.matching.compiled_rule import compile_rule
from chatdouble.scripts.matching.index import Index
from chatdouble.scripts.matching.request_view import RequestView
from chatdouble.scripts.reading.load import Placed
from chatdouble.scripts.reading.source import Source

WORDS = st.sampled_from(["ping", "pong", "ping pong", "Ping", "a ping b", "", "gpt-4o"])
MATCHERS: st.SearchStrategy[Any] = st.one_of(
    WORDS,
    st.sampled_from(["*ping*", "p*g", "*", "**ng"]),
    WORDS.map(lambda word: {"contains": word}),
    WORDS.map(lambda word: {"contains": [word, "p"]}),
    WORDS.map(lambda word: {"equals": word, "ignore_case": True}),
    st.sampled_from(["ping", "pings?", "pong|ping", "pin(g|k)", "^ping", "p{1,2}", "ping*", "(?i)PING"]).map(
        lambda regex: {"matches": regex}
    ),
    st.sampled_from([{"present": False}, {"not": "ping"}, {"contains": 5}, {"contains": []}]),
)
WHENS = st.dictionaries(st.sampled_from(["user", "system", "session", "model"]), MATCHERS, max_size=2)


@given(st.lists(WHENS, max_size=8), WORDS, st.one_of(st.none(), WORDS))
def test_the_index_finds_the_same_matching_rules_as_a_full_search(
    whens: list[dict[str, Any]], user: str, system: str | None
) -> None:
    messages = [{"role": "user", "content": user}]
    if system is not None:
        messages.insert(0, {"role": "system", "content": system})
    view = RequestView(call(messages=messages, session="ping"))
    source = Source("s", "")
    rules = [
        compile_rule(Placed(Rule.model_validate({"when": when, "reply": "x"}), f"rule {position}", source, position))
        for position, when in enumerate(whens)
    ]
    found = [rule.placed.id for rule in Index(rules).candidates(view) if rule.when.holds(view)]
    assert found == [rule.placed.id for rule in rules if rule.when.holds(view)]


SCALARS = st.sampled_from([None, True, 1, 1.0, 0, False, "a", 2**53, float(2**53), 2**53 + 1, 10**400, "\ud800"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)
BODIES: st.SearchStrategy[dict[str, Any]] = st.dictionaries(st.sampled_from(["messages", "a", "b"]), VALUES, max_size=3)


@given(st.lists(BODIES, min_size=1, max_size=4), BODIES)
def test_the_index_finds_the_same_recorded_requests_as_a_full_search(
    bodies: list[dict[str, Any]], sent: dict[str, Any]
) -> None:
    many = [{"body": body, "ignore": ignored} for body in bodies for ignored in ([], ["a"], ["b[0]"])]
    rules = [
        compile_rule(
            Placed(Rule.model_validate({"when": {"request": one}, "reply": "x"}), str(at), Source("s", ""), at)
        )
        for at, one in enumerate(many)
    ]
    for body in (sent, *bodies):
        view = RequestView(call())
        view.sent = body
        assert [rule for rule in Index(rules).candidates(view) if rule.when.holds(view)] == [
            rule for rule in rules if rule.when.holds(view)
        ]


@pytest.mark.parametrize("endpoint", ["", "POST /v1/responses"])
def test_of_many_recorded_requests_only_the_equal_one_is_tried(endpoint: str) -> None:
    elsewhere = {"endpoint": endpoint} if endpoint else {}
    placed = [
        Placed(
            Rule.model_validate(
                {"when": {"request": {"body": {"n": at}}, **elsewhere}, "reply": {"body": {}} if endpoint else "x"}
            ),
            "",
            Source("s", ""),
            at,
        )
        for at in range(100)
    ]
    view = RequestView(call(), endpoint)
    view.sent = {"n": 7.0}
    assert [rule.placed.index for rule in Index(map(compile_rule, placed)).candidates(view)] == [7]


def test_a_request_without_a_user_message_finds_rules_without_user() -> None:
    placed = [
        Placed(Rule.model_validate({"when": when, "reply": "x"}), str(when), Source("s", ""), 0)
        for when in ({"user": "a"}, {"user": {"contains": "a"}}, {"model": "gpt-4o"}, {})
    ]
    view = RequestView(call(messages=[{"role": "system", "content": "a"}]))
    assert [rule.placed.id for rule in Index(map(compile_rule, placed)).candidates(view)] == [
        "{'model': 'gpt-4o'}",
        "{}",
    ]


@given(st.lists(st.text("ab ", max_size=6), max_size=40), st.text("ab ", max_size=60))
def test_rules_are_found_by_the_substrings_of_a_text(wanted: list[str], text: str) -> None:
    placed = [
        Placed(Rule.model_validate({"when": {"user": {"contains": piece}}, "reply": "x"}), piece, Source("s", ""), at)
        for at, piece in enumerate(wanted)
    ]
    found = Index(map(compile_rule, placed)).candidates(RequestView(call(messages=[{"role": "user", "content": text}])))
    assert [rule.placed.id for rule in found] == [piece for piece in wanted if piece in text]


def test_a_long_text_is_searched_in_windows_that_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[int] = []

    class Noting:
        """An automaton that notes how long the texts are that it searches."""

        def __init__(self, pieces: list[str]) -> None:
            self._search: Any = AhoCorasick(pieces)

        def find_matches_as_indexes(self, text: str, *, overlapping: bool) -> Any:
            searched.append(len(text))
            return self._search.find_matches_as_indexes(text, overlapping=overlapping)

    monkeypatch.setattr("chatdouble.scripts.matching.index._WINDOW", 10)
    monkeypatch.setattr("chatdouble.scripts.matching.index.AhoCorasick", Noting)
    placed = [
        Placed(Rule.model_validate({"when": {"user": {"contains": piece}}, "reply": "x"}), piece, Source("s", ""), at)
        for at, piece in enumerate(["needle", "straw"])
    ]
    view = RequestView(call(messages=[{"role": "user", "content": "a" * 7 + "needle" + "b" * 100}]))
    assert [rule.placed.id for rule in Index(map(compile_rule, placed)).candidates(view)] == ["needle"]
    assert max(searched) == 16
