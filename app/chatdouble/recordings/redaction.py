"""Secrets, found wherever they stand in texts and JSON values, and put out of sight."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any, Final

import orjson

from chatdouble.core.json import is_array, is_object

HIDDEN: Final = "[secret]"
"""What stands in a secret's place."""

SHORTEST: Final = 8
"""A known value that is shorter is no secret but a word like `test`, and is left alone."""

_FORMS: Final[Mapping[str, str]] = {
    "sk-": r"(?<![A-Za-z0-9])sk-(?:(?=[A-Za-z0-9_-]*\d)[A-Za-z0-9_-]{8,}|[A-Za-z0-9_-]{20,})",
    "earer": r"[Bb]earer\s+[A-Za-z0-9._~+/=-]{16,}",
    "sess-": r"\bsess-[A-Za-z0-9]{24,}",
    "org-": r"\borg-[A-Za-z0-9]{20,}",
    "proj_": r"\bproj_[A-Za-z0-9]{16,}",
    "eyJ": r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+",
    "PRIVATE KEY": r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    "AKIA": r"\bAKIA[0-9A-Z]{16}\b",
    "AIza": r"\bAIza[0-9A-Za-z_-]{35}",
    **{f"gh{kind}_": rf"\bgh{kind}_[A-Za-z0-9]{{36,}}" for kind in "oprsu"},
    "github_pat_": r"\bgithub_pat_[A-Za-z0-9_]{40,}",
    "gsk_": r"\bgsk_[A-Za-z0-9]{40,}",
    "hf_": r"\bhf_[A-Za-z0-9]{30,}",
    "k_live_": r"\b[rs]k_live_[A-Za-z0-9]{16,}",
    "k_test_": r"\b[rs]k_test_[A-Za-z0-9]{16,}",
    "xai-": r"\bxai-[A-Za-z0-9]{40,}",
    "xox": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
}
"""The forms of keys and account ids, each with a piece that it surely has, which is quick to look for."""

EMAIL: Final = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
"""The form of an e-mail address."""

_TELLING: Final = re.compile(
    r"(?:proxy-)?authorization|(?:set-)?cookie|openai-organization|openai-project|(?:.+[-_])?(?:api-?key|key|secret|token)"
)
"""The names of headers whose values are secrets."""

_NAMED: Final = re.compile(r"(?:^|[;,])\s*[\w.-]+=\"?([^;,\"]+)")


class Scrubber:
    """Puts secrets out of sight: those that look like one, and those that are known.

    Args:
        patterns: Further regular expressions of what is secret.
        known: Values that are secret whatever they look like; short ones are left alone.
    """

    def __init__(self, patterns: Iterable[str] = (), known: Iterable[str] = ()) -> None:
        self._patterns = tuple(patterns)
        self._known = tuple(sorted({value for value in known if len(value) >= SHORTEST}, key=len, reverse=True))

    def knowing(self, values: Iterable[str]) -> "Scrubber":
        """Return a scrubber that knows these values too."""
        return Scrubber(self._patterns, (*self._known, *values))

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        """Everything to look for; what is known goes first, since it is the whole of what it is."""
        parts = [*map(re.escape, self._known), *_FORMS.values(), *self._patterns]
        return re.compile("|".join(f"(?:{part})" for part in parts), re.DOTALL)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where in a text secrets are: start and end."""
        if not self._patterns and not any(piece in text for piece in (*_FORMS, *self._known)):
            return []
        return [found.span() for found in self._regex.finditer(text) if found.end() > found.start()]

    def text(self, text: str) -> str:
        """Return a text without its secrets."""
        spans = self.spans(text)
        if not spans:
            return text
        starts = [0, *(end for _, end in spans)]
        ends = [*(start for start, _ in spans), len(text)]
        return HIDDEN.join(text[start:end] for start, end in zip(starts, ends, strict=True))

    def value(self, value: Any) -> Any:
        """Return a JSON value without the secrets in its texts and keys; the value itself if it has none."""
        return self._within(value) if self._may_be_in(value) else value

    def _may_be_in(self, value: Any) -> bool:
        """Say quickly whether a closer look is needed: hardly ever."""
        if self._patterns:
            return True
        try:
            text = orjson.dumps(value).decode()
        except TypeError:
            return True
        return any(piece in text for piece in (*_FORMS, *map(_escaped, self._known)))

    def _within(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if is_object(value):
            pairs = [(self.text(key), self._within(inner)) for key, inner in value.items()]
            same = all(new[0] is old[0] and new[1] is old[1] for new, old in zip(pairs, value.items(), strict=True))
            return value if same else dict(pairs)
        if is_array(value):
            items = [self._within(inner) for inner in value]
            return value if all(new is old for new, old in zip(items, value, strict=True)) else items
        return value


@lru_cache(maxsize=256)
def _is_telling(name: str) -> bool:
    return _TELLING.fullmatch(name) is not None


@lru_cache(maxsize=256)
def telling(names: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Return those of headers' names, in lower case, whose values are secrets; a client always sends the same."""
    return tuple(name for name in names if _is_telling(name.decode("latin-1")))


def _escaped(text: str) -> str:
    """Return a text as it stands within JSON."""
    return orjson.dumps(text).decode()[1:-1]


def known_from(headers: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Return the secrets that headers carry: keys, tokens, cookies, the account.

    Args:
        headers: Names in lower case, and values; of a request or a response.
    """
    for name, value in headers:
        if _is_telling(name):
            yield value.strip()
            yield value.strip().partition(" ")[2]
            if "cookie" in name:
                yield from _NAMED.findall(value)
