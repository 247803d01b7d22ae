"""Ids have the real API's forms and come from chance alone."""

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


def test_a_search_completion_is_named_by_a_uuid() -> None:
    assert UUID(search_completion_id(CHANCE).removeprefix("chatcmpl-")).version == 4


def test_a_completion_id_begins_with_when_it_was_made() -> None:
    digits = completion_id(CHANCE, 1_753_000_000).removeprefix("chatcmpl-")[:5]
    told = 0
    for digit in digits:
        told = told * 62 + BASE62.index(digit)
    assert told + EPOCH == 1_753_000_000


@full_corpora
def test_recorded_completion_ids_begin_as_ours_do() -> None:
    for answer in answers():
        ours = completion_id(CHANCE, answer["created"])
        assert answer["id"][:14] == ours[:14]


def test_a_time_before_the_epoch_still_makes_an_id() -> None:
    assert completion_id(CHANCE, 0).startswith("chatcmpl-00000")


def test_other_chance_gives_other_ids() -> None:
    assert tool_call_id(CHANCE.at(1)) != tool_call_id(CHANCE.at(2))
