"""Images, audio and files in messages: what the API takes, and what it says if not; no network is touched."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from chatdouble.catalogue.model import Model
from chatdouble.core.json import is_array, is_object
from chatdouble.core.media import (
    DataUrlError,
    decode,
    decode_data_url,
    image_kind,
    image_size,
    is_audio,
    is_broken_png,
    split_data_url,
)
from chatdouble.validation import wording
from chatdouble.validation.wording import media, messages

__all__ = ["check", "check_data", "decode_data_url", "image_size"]

_DATA_URL: Final = "data:"
_FILE: Final = ("filename", "file_data", "file_id")
_PDF: Final = "application/pdf"


class _Part(NamedTuple):
    """A content part and where it stands: message `i`, part `j`, in a message of `role`."""

    held: dict[str, Any]
    role: object
    i: int
    j: int

    def at(self, field: str) -> str:
        """Return the path of a field of the part."""
        return f"messages[{self.i}].content[{self.j}].{field}"

    def text(self, name: str, field: str) -> str | None:
        """Return a text field of the object under a key of the part, or None."""
        found = self.held.get(name)
        value = found.get(field) if is_object(found) else None
        return value if isinstance(value, str) else None


Rule = Callable[[_Part, Model], None]


def check_data(body: Mapping[str, Any], model: Model) -> None:
    """Check the data URLs of images and files, which are looked at before the model is (rules#order-of-checks).

    Args:
        body: The body of a request whose shape is already known to be right.
        model: The model it asks for.

    Raises:
        APIError: The first part at fault (errors#media).
    """
    _check(body, model, _DATA)


def check(body: Mapping[str, Any], model: Model) -> None:
    """Check whether their role and the model take image, audio and file parts, then what is in them.

    Args:
        body: The body of a request whose shape is already known to be right.
        model: The model it asks for.

    Raises:
        APIError: The first part at fault (errors#media).
    """
    _check(body, model, _FORM)
    _check(body, model, _SUBSTANCE)


def _check(body: Mapping[str, Any], model: Model, rules: Mapping[str, Rule]) -> None:
    for part in _parts(body.get("messages")):
        rule = rules.get(str(part.held.get("type")))
        if rule is not None:
            rule(part, model)


def _parts(messages: object) -> Iterator[_Part]:
    for i, message in enumerate(messages if is_array(messages) else []):
        content: object = message.get("content") if is_object(message) else None
        for j, held in enumerate(content if is_array(content) else []):
            if is_object(held) and held.get("type") != "text":
                yield _Part(held, message.get("role"), i, j)


def _image_form(part: _Part, model: Model) -> None:
    if model.reads_images:
        return
    if model.reads_audio:
        raise media.no_images_but_sound(part.i)
    raise media.no_images(part.i, part.j)


def _image_data_url(part: _Part, _model: Model) -> None:
    url, path = part.text("image_url", "url"), part.at("image_url.url")
    if url is None or not url.startswith(_DATA_URL):
        return
    try:
        split_data_url(url, "image/")
    except DataUrlError as error:
        raise media.image_data_url(path, error) from None


def _image_substance(part: _Part, _model: Model) -> None:
    url = part.text("image_url", "url")
    if url is None:
        return
    if not url.startswith(_DATA_URL):
        _image_remote(url)
        return
    try:
        _, data = decode_data_url(url)
    except DataUrlError:
        raise media.image_base64() from None
    if image_kind(data) is None:
        raise media.image_format()
    if image_size(data) is None or is_broken_png(data):
        raise media.broken_image()


def _image_remote(url: str) -> None:
    """Refuse a URL from which nothing could be downloaded."""
    if not url.lower().startswith(("http://", "https://")):
        raise media.image_url(url)
    if not _has_host(url):
        raise media.image_host(url)


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _audio_form(part: _Part, model: Model) -> None:
    if not model.reads_audio:
        raise messages.misplaced_part(part.i)


def _audio_substance(part: _Part, _model: Model) -> None:
    text = part.text("input_audio", "data")
    try:
        heard = text is None or is_audio(decode(text))
    except DataUrlError:
        heard = False
    if not heard:
        raise media.sound()


def _file_form(part: _Part, model: Model) -> None:
    if not model.reads_files:
        raise media.no_files(part.at("type"))


def _file(part: _Part, _model: Model) -> None:
    data = part.text("file", "file_data")
    if part.text("file", "file_id") is None and (data is None or part.text("file", "filename") is None):
        raise wording.missing(part.at("file.file_id"))
    for name in part.held["file"]:
        if name not in _FILE:
            raise wording.unknown(part.at(f"file.{name}"))
    if data is not None:
        _file_data(data, part.at("file.file_data"))


def _file_data(url: str, path: str) -> None:
    try:
        _, data = split_data_url(url, _PDF)
        decode(data)
    except DataUrlError as error:
        raise media.file_data_url(path, error) from None


_DATA: Final[Mapping[str, Rule]] = MappingProxyType({"image_url": _image_data_url, "file": _file})
_FORM: Final[Mapping[str, Rule]] = MappingProxyType(
    {"image_url": _image_form, "input_audio": _audio_form, "file": _file_form},
)
_SUBSTANCE: Final[Mapping[str, Rule]] = MappingProxyType(
    {"image_url": _image_substance, "input_audio": _audio_substance},
)
