"""What a folder of recordings says about itself: what counts in its requests, and what is secret in it."""

import tomllib
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from chatdouble.recording.secrets import EMAIL, Scrubber
from chatdouble.script.expression import checked_path, checked_pattern

FILE: Final = "recordings.toml"
"""The name of the file in the folder; it is no script file, and may be missing."""


class Configuration(BaseModel):
    """A folder's `recordings.toml`.

    Attributes:
        ignore: JSONPaths of what does not count in requests; it is not recorded.
        normalise: What does not count in their texts: `dates`, `uuids`, or regular expressions.
        secrets: Regular expressions of what is secret, besides the forms of keys.
        emails: Whether e-mail addresses are secret.
        headers: Response headers that are recorded besides the API's own, names in lower case.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ignore: tuple[Annotated[str, AfterValidator(checked_path)], ...] = ()
    normalise: tuple[Annotated[str, AfterValidator(checked_pattern)], ...] = ()
    secrets: tuple[Annotated[str, AfterValidator(checked_pattern)], ...] = ()
    emails: bool = False
    headers: tuple[Annotated[str, AfterValidator(str.lower)], ...] = Field(default=())

    def scrubber(self) -> Scrubber:
        """Return what hides the folder's secrets."""
        return Scrubber((*self.secrets, *([EMAIL] if self.emails else ())))


def configuration_of(folder: Path) -> Configuration:
    """Return a folder's configuration; the default where it has none.

    Raises:
        ValueError: The file cannot be used; the message says what is wrong.
    """
    file = folder / FILE
    try:
        given = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return Configuration()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise ValueError(f"{file}: cannot be read: {wrong}") from None
    try:
        return Configuration.model_validate(given)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{file}: {where}: {first['msg'].removeprefix('Value error, ')}") from None
