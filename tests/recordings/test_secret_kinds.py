"""The search for kinds of secrets, which passes over most texts quickly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.recordings.encoded_texts import all_decoded, decoded_texts, is_escaped
from chatdouble.recordings.secret_kinds import SECRETS, is_real, kinds_in


class _Asked(str):
    """A text that remembers what is looked for in it."""

    __slots__ = ("asked",)

    def __contains__(self, piece: object) -> bool:
        self.asked = [*getattr(self, "asked", []), piece]
        return super().__contains__(piece)  # type: ignore[operator]


def test_a_text_without_the_characters_of_a_kind_is_not_searched_for_it() -> None:
    text = _Asked("!" * 100)
    assert kinds_in(text) == []
    assert max(len(str(piece)) for piece in text.asked) == 1
    assert len(text.asked) < 30
    assert [kind for kind in SECRETS if kind not in kinds_in(kind.piece)] == []


@given(st.text("%\\u0041ag-/é"))
def test_what_is_decoded_quickly_is_what_is_decoded_with_its_places(text: str) -> None:
    if is_escaped(text):
        assert all_decoded(text, ()) == next(iter(decoded_texts(text))).text


@pytest.mark.parametrize(
    "name",
    [
        "test-that-a-user-can-log-in-2-times-in-a-row",
        "tests/unit/test_login.py-test_user_chromium-1",
        "github-actions-run-1234567890123456-attempt-1",
        "6fa459ea-ee8a-3ca4-894e-db77e160355e",
        "TestUserCanLoginTwiceAndSeeThingsAgain",
        "sk-test-chatdouble-worker-12",
    ],
)
def test_the_name_of_a_test_is_no_secret_however_long(name: str) -> None:
    assert not is_real(name, is_key=False)
