"""The forms of dates, times and ids that recordings do not compare."""

import pytest

from chatdouble.scripts.matching.canonical import canonical

DATES = (
    "2026-01-02",
    "2026/01/02",
    "2026-W01-5",
    "20260102T030405Z",
    "2026-01-02T03:04:05.678+02:00",
    "2026-01-02 03:04:05,678",
    "2026-01-02T03:04:05+01:00[Europe/Berlin]",
    "2026-01-02 (Friday)",
    "Fri, 02 Jan 2026 03:04:05 GMT",
    "Friday, 02-Jan-26 03:04:05 GMT",
    "Fri, 02 Jan 2026 03:04:05 +0000",
    "Fri Jan  2 03:04:05 2026",
    "Fri Jan  2 03:04:05 UTC 2026",
    "Fri Jan 02 2026 03:04:05 GMT+0100 (Central European Standard Time)",
    "02/Jan/2026:03:04:05 +0000",
    "1/2/2026",
    "1/2/26, 3:04:05 AM",
    "02/01/2026 03:04",
    "2.1.2026",
    "02.01.2026, 03:04",
    "02-01-2026",
    "Friday, January 2, 2026",
    "Friday, January 2nd, 2026 at 3:04 PM PST",
    "2 January 2026",
    "2nd of January 2026",
    "January 2",
    "Jan 2026",
    "Friday",
    "January",
    "Friday at 3pm",
    "03:04",
    "3:04 p.m.",
    "15:04:05.678 UTC+1",
    "1767323045",
    "1767323045.678",
    "1767323045678",
)
IDS = (
    "123e4567-e89b-12d3-a456-426614174000",
    "123E4567-E89B-12D3-A456-426614174000",
    "123e4567e89b12d3a456426614174000",
    "01ARZ3NDEKTSV4RRFFQ69G5FAV",
)
OTHERS = (
    "May I march on? The sun sat down.",
    "1.2.3 and 1.2.10 at localhost:8080, 10.0.0.1, 3/4 of 2026",
    "call 5551234567 or 123456789012",
    "An ACKNOWLEDGEMENTOFRECEIPTXY of abcdef",
)


@pytest.mark.parametrize("text", DATES)
@pytest.mark.parametrize("around", ["{}", "It is {}.", "Today: {}\n", "log_{}_x", "({})", '"{}"'])
def test_no_part_of_a_date_or_time_is_kept(text: str, around: str) -> None:
    assert canonical(around.format(text), normalise=["dates"]) == around.format("<date>")


@pytest.mark.parametrize("text", IDS)
@pytest.mark.parametrize("around", ["{}", "Run {}.", "call_{}", "{}-1"])
def test_no_part_of_an_id_is_kept(text: str, around: str) -> None:
    assert canonical(around.format(text), normalise=["uuids"]) == around.format("<uuid>")


@pytest.mark.parametrize("text", OTHERS)
def test_other_texts_are_compared(text: str) -> None:
    assert canonical(text, normalise=["dates", "uuids"]) == text


def test_two_dates_stay_two() -> None:
    assert canonical("2 May 2026 - 3 May 2026, 2026-05-04", normalise=["dates"]) == "<date> - <date>, <date>"


def test_the_date_in_a_models_name_is_compared() -> None:
    body = {"model": "gpt-4o-2024-08-06", "messages": [{"role": "user", "content": "2024-08-06"}]}
    assert canonical(body, normalise=["dates"]) == {
        "model": "gpt-4o-2024-08-06",
        "messages": [{"role": "user", "content": "<date>"}],
    }


@pytest.mark.parametrize(
    "text",
    [
        "resp_68d5efc05e348190a6f7b02a203c282601cd41ad573b488f",
        "mcpl_68d5ef14540c81958749fabf772b5f1a0bae9140d0689b5a",
        "rs_0a311635443846b4016994b3fb8f6481968df9bf035c612c83",
        "call_H8YsBUDPYjNHSq9fWOzwetxr",
        "chatcmpl-AAAAAaaaaaaaaaaaaaaaaaaaaaaaa",
    ],
)
def test_ids_of_the_api_are_normalised(text: str) -> None:
    assert canonical(f"see {text}.", normalise=["ids"]) == "see <id>."


@pytest.mark.parametrize("text", ["call_1", "resp_mine", "msg_68d5efc05e", "xcall_H8YsBUDPYjNHSq9fWOzwetxr"])
def test_other_names_are_no_ids(text: str) -> None:
    assert canonical(text, normalise=["ids"]) == text
