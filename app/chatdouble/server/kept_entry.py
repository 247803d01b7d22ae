"""An entry of the journal as it is kept: small, and read only when somebody looks."""

import json
from array import array
from codecs import getincrementaldecoder
from typing import Any, Final, NamedTuple

import orjson

from chatdouble.backend.call import LARGE
from chatdouble.backend.notes import Remade, beginning_of
from chatdouble.core.json import as_object, brackets_in, is_nested, loads
from chatdouble.core.releasing import release
from chatdouble.recordings.redaction import Scrubber, header_secrets, is_secret_header, scrubber_knowing
from chatdouble.recordings.secret_kinds import REDACTED
from chatdouble.recordings.split_secrets import redact_split_secrets
from chatdouble.server.entry import Entry, WrittenChunk

SMALL_PARTS: Final = 600
"""The bytes of an entry beside its texts."""

_UNKNOWN: Final = 128 * 1024
"""The bytes that an entry of another process is taken to have."""

_DEEP: Final = 200
"""Levels of objects and arrays up to which every JSON library reads an entry."""


class KeptEntry(NamedTuple):
    """An entry as it is kept. JSON stays bytes, which are small and not tracked by the garbage collector.

    `clean` is not empty once no secret was found in it: the search takes longer than everything else. `size` is its
    bytes, roughly. `writes` has the times of all writes, then their sizes.
    """

    id: str
    ordinal: int
    at: float
    seconds: float
    session: str
    method: str
    path: str
    headers: bytes
    request: bytes
    status: int
    ended: str
    response: bytes
    notes: bytes
    writes: bytes
    packed: bytes
    rest: bytes
    remade: Remade | None
    clean: bytearray
    size: int

    def without_bodies(self, why: bytes = b", more than --journal-bytes") -> "KeptEntry":
        """Return the entry without the bodies, which say how large they were, and why they are left out."""
        omitted = [b'"[%d bytes%b]"' % (len(body), why) for body in (self.request, self.response)]
        remade = self.remade.size if self.remade else 0
        left_out = len(self.request) + len(self.response) + len(self.packed) + len(self.rest) + remade
        size = self.size - left_out + sum(map(len, omitted))
        shorter = self._replace(request=omitted[0], response=omitted[1], packed=b"", rest=b"", remade=None, size=size)
        return shorter._replace(clean=bytearray(self.clean))  # to search it tells nothing of the bodies

    def chunks(self) -> list[WrittenChunk]:
        """Return when the pieces of the answer were written, their sizes, and what they carried."""
        from chatdouble.server.written import texts_of  # noqa: PLC0415 - for who looks

        times, sizes = array("d"), array("I")
        end = len(self.writes) // (times.itemsize + sizes.itemsize) * times.itemsize
        times.frombytes(self.writes[:end])
        sizes.frombytes(self.writes[end:])
        shown: list[WrittenChunk] = [{"at": round(at, 4), "bytes": size} for at, size in zip(times, sizes, strict=True)]
        beginning = beginning_of(self.packed, self.rest, self.remade, sum(sizes))
        texts = texts_of(beginning, sizes, self._scrubber)
        for chunk, text in zip(shown, texts, strict=True):
            if text is not None:
                chunk["text"] = text
        return shown

    @property
    def _scrubber(self) -> Scrubber:
        return scrubber_knowing(*header_secrets(self._headers.items()))

    @property
    def _headers(self) -> dict[str, str]:
        lines = self.headers.decode("latin-1").split("\n") if self.headers else []
        half = len(lines) // 2
        return dict(zip(lines[:half], lines[half:], strict=True))

    def shown(self) -> Entry:
        """Return the entry as an object, without the secrets that its headers carry and those that look like one."""
        whole = self._whole()
        if self.clean:
            return whole
        whole["session"] = ""  # mostly the key itself, which would make every entry look as if it held a secret
        whole["id"] = ""  # the server's own, and a long word to search
        is_split = redact_split_secrets([whole["response"]], self._scrubber)
        found: Entry = self._scrubber.value(whole, is_large=self.size > LARGE)
        found["session"], found["id"] = self.session, self.id
        if found is whole:
            if not is_split:
                self.clean.append(True)
        elif self.size > LARGE:
            held: list[Any] = [whole]
            del whole
            release(held)
        return found

    def _whole(self) -> Entry:
        """Return the entry as an object; only its headers are without secrets."""
        headers = self._headers
        entry: Any = {
            "id": self.id,
            "ordinal": self.ordinal,
            "at": self.at,
            "milliseconds": round(self.seconds * 1000, 3),
            "session": self.session,
            "method": self.method,
            "path": self.path,
            "headers": {name: REDACTED if is_secret_header(name) else value for name, value in headers.items()},
            "request": _parsed(self.request),
            "status": self.status,
            "ended": self.ended,
            "response": _parsed(self.response),
            **({"first_chunk": round(array("d", self.writes[:8])[0], 4)} if self.writes else {}),
            **as_object(_parsed(self.notes)),
        }
        shown: Entry = entry
        return shown


def size_of(one: Any) -> int:
    """Return the bytes of an entry; those of other processes are not known and may be many."""
    return one.size if isinstance(one, KeptEntry) else _UNKNOWN


def _parsed(value: bytes) -> Any:
    """Return a JSON value; the text of what is not JSON, or is nested too deeply to be written again."""
    try:
        parsed: Any = loads(value)
    except orjson.JSONDecodeError:
        if len(value) > LARGE:
            return _text(value)
        try:
            parsed = json.loads(value)  # only the standard library reads lone surrogates
        except (ValueError, RecursionError):
            return _text(value)
    may_be_deep = brackets_in(value, _DEEP) > _DEEP
    return _text(value) if may_be_deep and is_nested(parsed, _DEEP) else parsed


def _text(value: bytes) -> str:
    """Return the text of bytes, in UTF-16 too, where secrets are found; others get turns while it is decoded."""
    decode = getincrementaldecoder(json.detect_encoding(value[:4]))("replace").decode
    return "".join([*(decode(value[at : at + LARGE]) for at in range(0, len(value), LARGE)), decode(b"", final=True)])
