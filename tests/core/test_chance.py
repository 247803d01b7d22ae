"""Chance is a function of its labels alone; ids have the real API's forms and depend on nothing but chance."""

import re
from uuid import UUID

import pytest

from chatdouble.core.chance import (
    BASE62,
    EPOCH,
    Chance,
    audio_id,
    completion_id,
    fingerprint,
    request_id,
    search_completion_id,
    tool_call_id,
)
from corpora import full_corpora
from recorded_exchanges import answers


def test_the_same_labels_give_the_same_choices() -> None:
    one, other = Chance("0").at("session", 1), Chance("0").at("session", 1)
    assert one.text(24) == other.text(24)
    assert one.random().random() == other.random().random()


def test_choices_do_not_change_between_releases() -> None:
    chance = Chance("0").at("session é", 1, "request")
    assert chance.text(24) == "WuaX5HrTnWlyu6npfnyXylCK"
    assert chance.hex(32) == "e905ebb5a99d7d03b98cdf876a336e4a"
    assert (chance.number(), chance.number(128)) == (13346499529670212941, 332969378973101625251439424409090463392)
    assert (chance.share(), chance.random().random()) == (0.7235151892572604, 0.6915652442988796)


def test_labels_count_as_text_whether_given_together_or_one_by_one() -> None:
    assert Chance("7").at(None, True, 1.5) == Chance("7").at("None").at("True", "1.5")
    assert Chance("7").at() == Chance("7")


def test_different_labels_give_different_choices() -> None:
    texts = {Chance(str(seed)).at(session, number).text(24) for seed in (0, 1) for session in "ab" for number in (1, 2)}
    assert len(texts) == 8


def test_labels_do_not_run_together() -> None:
    assert Chance("0").at("ab", "c").hex(32) != Chance("0").at("a", "bc").hex(32)


def test_a_text_has_the_alphabet_and_length_asked_for() -> None:
    text = Chance("0").text(64)
    assert len(text) == 64
    assert set(text) <= set(BASE62)


def test_a_share_lies_between_zero_and_one() -> None:
    shares = [Chance("0").at(number).share() for number in range(1000)]
    assert all(0 <= share < 1 for share in shares)
    assert 0.4 < sum(shares) / 1000 < 0.6


CHANCE = Chance("0")


@pytest.mark.parametrize(
    ("made", "form"),
    [
        (completion_id(CHANCE, 1_753_000_000), r"chatcmpl-[0-9A-Za-z]{29}"),
        (tool_call_id(CHANCE), r"call_[0-9A-Za-z]{24}"),
        (request_id(CHANCE), r"req_[0-9a-f]{32}"),
        (fingerprint(CHANCE, "gpt-4o"), r"fp_[0-9a-f]{10}"),
        (audio_id(CHANCE, 1_753_000_000), r"audio_687ca840[0-9a-f]{24}"),
    ],
)
def test_an_id_has_the_real_form(made: str, form: str) -> None:
    assert re.fullmatch(form, made)


def test_a_search_completion_has_a_uuid() -> None:
    assert UUID(search_completion_id(CHANCE).removeprefix("chatcmpl-")).version == 4


def test_a_completion_id_begins_with_its_creation_time() -> None:
    digits = completion_id(CHANCE, 1_753_000_000).removeprefix("chatcmpl-")[:5]
    seconds = 0
    for digit in digits:
        seconds = seconds * 62 + BASE62.index(digit)
    assert seconds + EPOCH == 1_753_000_000


@full_corpora
def test_a_completion_id_begins_like_a_recorded_one_of_the_same_time() -> None:
    for answer in answers():
        ours = completion_id(CHANCE, answer["created"])
        assert answer["id"][:14] == ours[:14]


def test_a_time_before_the_epoch_still_makes_an_id() -> None:
    assert completion_id(CHANCE, 0).startswith("chatcmpl-00000")


def test_different_chances_give_different_ids() -> None:
    assert tool_call_id(CHANCE.at(1)) != tool_call_id(CHANCE.at(2))
