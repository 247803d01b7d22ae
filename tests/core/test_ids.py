"""Ids have the real API's forms and depend on nothing but chance."""

import re
from uuid import UUID

import pytest

from chatdouble.core.chance import BASE62, Chance
from chatdouble.core.ids import (
    EPOCH,
    audio_id,
    completion_id,
    fingerprint,
    request_id,
    search_completion_id,
    tool_call_id,
)
from corpora import full_corpora
from recorded_exchanges import answers

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
