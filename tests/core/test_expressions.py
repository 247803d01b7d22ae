"""Regular expressions that end."""

from typing import Any

import pytest

from chatdouble.core.expressions import SECONDS, Expression, TooLargeError, TooSlowError


def test_an_expression_searches_as_in_python() -> None:
    found = Expression(r"(?P<year>\d{4})-(?<=-)\d\d").search("on 2024-05-01")
    assert found is not None
    assert (found[0], found["year"]) == ("2024-05", "2024")
    assert Expression("a+").fullmatch("aab") is None
    assert Expression("a+").sub("b", "caa") == "cb"


def test_an_expression_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="missing"):
        Expression("(")


def test_a_search_that_would_not_end_is_an_error_that_names_the_expression() -> None:
    with pytest.raises(TooSlowError, match=r"\^\(a\|aa\)\+\$.*takes too long") as slow:
        Expression("^(a|aa)+$").search("a" * 100 + "!")
    assert (slow.value.status, slow.value.type) == (500, "script_error")


def test_a_long_expression_is_shortened_in_the_message() -> None:
    assert len(TooSlowError("a" * 10_000).message) < 400


@pytest.mark.parametrize(
    "text", ["a{1000000000}", "(?:a{1000}b){1000}", "(?=a{1000000})a", r"\p{L}{1000000}", "a|" * 30_000]
)
def test_repetitions_that_the_engine_would_write_out_are_refused(text: str) -> None:
    with pytest.raises(TooLargeError, match="more than 50,000 characters"):
        Expression(text)


@pytest.mark.parametrize("text", ["a{20000}", "a{0,1000000000}", "(?:[a-f]{8}-){4}"])
def test_repetitions_that_it_does_not_are_compiled(text: str) -> None:
    assert Expression(text).pattern == text


def test_a_short_search_lets_no_other_thread_run_and_a_long_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    # To let others run for microseconds, again and again, makes them wait for hundreds of milliseconds.
    asked: list[bool] = []

    class _Compiled:
        def search(self, text: str, *, timeout: float, concurrent: bool) -> None:
            asked.append(concurrent)
            if text == "long" and not concurrent:
                raise TimeoutError
            assert timeout <= SECONDS

    def compiled(*_given: Any, **_more: Any) -> _Compiled:
        return _Compiled()

    monkeypatch.setattr("regex.compile", compiled)
    expression = Expression("a")
    expression.search("short")
    assert asked == [False]
    expression.search("long")
    assert asked == [False, False, True]
    # The engine reads all of it before it looks at the time.
    expression.search("a" * 1_000_000)
    assert asked == [False, False, True, True]
