"""How strictly the parts of a request are read."""

from typing import Final

from pydantic import ConfigDict

OPEN: Final = ConfigDict(strict=True, extra="allow")
"""Unknown keys are accepted, as inside messages (wire 7)."""

CLOSED: Final = ConfigDict(strict=True, extra="forbid")
"""Unknown keys are refused: "Unknown parameter: 'stream_options.bogus'." (errors.jsonl)."""
