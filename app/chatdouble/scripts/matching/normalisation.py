"""Parts of texts that differ from run to run: the forms of dates, times and ids that recordings do not compare."""

from collections.abc import Mapping
from typing import Final


def _any(*alternatives: str) -> str:
    return f"(?:{'|'.join(alternatives)})"


# Underscores separate words, unlike for \b. The first characters come first, so that most places are left at once.
_START: Final = r"(?=[0-9JFMASONDTWjfmasondtw])(?<![0-9A-Za-z])(?<!\d[.,:])"
_END: Final = r"(?![0-9A-Za-z])"

# Names of months and days, in full or as three or four letters; case does not matter next to numbers.
_MONTH: Final = (
    r"(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_FULL_WEEKDAY: Final = r"(?:[Mm]on|[Tt]ues|[Ww]ednes|[Tt]hurs|[Ff]ri|[Ss]atur|[Ss]un)day"
_WEEKDAY: Final = rf"(?:{_FULL_WEEKDAY}|(?i:mon|tues?|wed|thu(?:rs?)?|fri|sat|sun){_END}\.?)"
# May is a verb too, so the month alone is a date in full and with a capital only, and May never.
_FULL_MONTH: Final = _any(
    *("January", "February", "March", "April", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

_YEAR: Final = r"(?:\d{4}|'\d{2})"
_DAY: Final = r"(?:0?[1-9]|[12]\d|3[01])"
_NTH: Final = rf"{_DAY}(?:st|nd|rd|th)?"
_MM: Final = r"(?:0[1-9]|1[0-2])"
_DD: Final = r"(?:0[1-9]|[12]\d|3[01])"

_OFFSET: Final = r"[+-]\d{1,2}(?::?\d{2})?"
_ZONE: Final = _any(
    rf"Z{_END}",
    rf"(?:UTC|GMT)(?:{_OFFSET})?",
    r"[+-]\d{2}:?\d{2}",
    rf"(?:[ECMP][SD]?T|AK[SD]T|HST|WES?T|CES?T|EES?T|BST|IST|JST|KST|SGT|HKT|A[CEW][SD]T|NZ[SD]T|MSK){_END}",
)
# JavaScript adds the zone's name in parentheses, Java in brackets.
_ZONE_NAME: Final = r"(?: \([A-Z][A-Za-z ]*\)|\[[A-Za-z]+/[A-Za-z_/]+\])"
_AM_PM: Final = rf"[AaPp](?:\.[Mm]\.|[Mm]{_END})"
_CLOCK: Final = _any(
    rf"(?:[01]?\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:[.,]\d+)?)?(?![\d:])(?:\s?{_AM_PM})?",
    rf"(?:0?[1-9]|1[0-2])\s?{_AM_PM}",
)
_TIME: Final = rf"{_CLOCK}(?:\s?{_ZONE}{_ZONE_NAME}?)?"

_NUMERIC: Final = _any(
    rf"\d{{4}}-{_MM}-{_DD}",
    rf"\d{{4}}/{_MM}/{_DD}",
    rf"\d{{4}}\.{_MM}\.{_DD}",
    r"\d{4}-W(?:0[1-9]|[1-4]\d|5[0-3])(?:-[1-7])?",
    rf"{_DAY}/{_DAY}/(?:\d{{4}}|\d{{2}})",  # American and European
    rf"{_DAY}\.{_DAY}\.\d{{4}}",
    rf"{_DD}\.{_MM}\.\d{{2}}",
    rf"{_DAY}-{_DAY}-\d{{4}}",
)
_WORDED: Final = _any(
    rf"{_MONTH}\s+{_NTH}(?:,?\s+{_YEAR})?",
    rf"{_NTH}(?:\s+of)?[\s/-]+{_MONTH}(?:(?:,?\s+|[/-]){_YEAR}|-\d{{2}})?",
    rf"{_MONTH},?\s+(?:of\s+)?{_YEAR}",
)
_DATE: Final = _any(_NUMERIC, _WORDED)
_BASIC: Final = rf"\d{{4}}{_MM}{_DD}T(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d(?:[.,]\d+)?)?(?:Z|[+-]\d{{2}}:?(?:\d{{2}})?)?"

_JOINED: Final = r"(?:,?\s+(?:at\s+)?|,|:|T|\s?-\s|\s\()"

DATES: Final = _START + _any(
    _BASIC + _END,
    # ctime: Wed Oct 21 07:28:00 2015, with a zone before the year as `date` prints it
    rf"(?:{_WEEKDAY},?\s+)?{_MONTH}\s+{_DAY},?\s+{_TIME}\s+\d{{4}}{_END}",
    # any date, with its weekday before or after it, and its time
    rf"(?:{_WEEKDAY},?\s+(?:the\s+)?)?{_DATE}(?!\d)(?:(?:,\s*|\s+){_WEEKDAY}{_END}|\s\({_WEEKDAY}\))?(?:{_JOINED}{_TIME})?",
    rf"{_WEEKDAY},?\s+(?:at\s+)?{_TIME}{_END}",
    rf"{_TIME}{_END}",
    rf"1\d{{9}}(?:\.\d+)?(?![.,]?\d){_END}",  # seconds since 1970, from 2001 to 2033
    rf"1\d{{12}}(?![.,]?\d){_END}",  # milliseconds since 1970
    rf"{_FULL_WEEKDAY}{_END}",
    rf"{_FULL_MONTH}{_END}",
)

UUIDS: Final = (
    r"(?<![0-9A-Za-z])"
    + _any(
        r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}",
        r"[0-9a-f]{32}",
        r"[0-9A-F]{32}",
        r"[0-7][0-9A-HJKMNP-TV-Z]{25}",  # ULIDs
    )
    + _END
)

IDS: Final = (
    r"(?<![0-9A-Za-z])"
    + _any(
        r"[a-z]{2,5}_[0-9a-f]{48}(?:[0-9a-f]{2})?",  # of responses, their items, conversations and containers
        r"call_[0-9A-Za-z]{24}",
        r"chatcmpl-[0-9A-Za-z]{29}",
    )
    + _END
)

NORMALISED: Final[Mapping[str, tuple[str, str]]] = {
    "dates": (DATES, "<date>"),
    "uuids": (UUIDS, "<uuid>"),
    "ids": (IDS, "<id>"),
}
"""Named normalisations: a regular expression and the replacement of its matches."""
