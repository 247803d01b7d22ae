"""A session's overrides of the server's settings, which every request reads when it arrives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Document = dict[str, Any]
"""A JSON object."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """A session's overrides of the server's settings.

    Attributes:
        pace: Paces by model, `*` for every model, as scripts write them.
        limits: Rate limits by model, `*` for every model, by their settings' names.
        faults: Faults of every request, as scripts write them.
        mode: How recordings are used.
        clock_ahead: Milliseconds the session's clock is ahead of the server's.
        has_queue: Whether a reply was ever queued.
        verdict: The policy of its verdict, as the control takes it.
        gates: Gates by name, as the control API takes them.
        has_turns: Whether the session has scripted conversations.
        has_rules: Whether the session has added or disabled rules.
        rule: The rule that must answer, whatever its conditions; None: the first that matches.
    """

    pace: Mapping[str, Document] = field(default_factory=dict[str, Document])
    limits: Mapping[str, Document] = field(default_factory=dict[str, Document])
    faults: Sequence[Document] = ()
    mode: str | None = None
    clock_ahead: int = 0
    has_queue: bool = False
    verdict: Mapping[str, Any] | None = None
    gates: Mapping[str, Document] = field(default_factory=dict[str, Document])
    has_turns: bool = False
    has_rules: bool = False
    rule: str | None = None


NO_OVERRIDES: Final = Overrides()

MANY: Final = 1000
"""The models that may have a pace, or limits, of their own."""


class FullError(ValueError):
    """A session has as many overrides of a kind as it may have.

    Attributes:
        number: Their number.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"there are {number}")
        self.number = number


def changed_overrides(kept: Document, name: str, value: Any, model: str | None, most: int) -> Document:
    """Return what is kept of a session's overrides when one is set, or cleared; see `Session.override`.

    Raises:
        FullError: It is one too many.
    """
    value_now = value
    if model is not None:
        held = kept.get(name, {})
        by_model = {key: one for key, one in held.items() if key != model}
        value_now = by_model if value is None else {**by_model, model: value}
        if len(value_now) > most and len(value_now) > len(held):
            raise FullError(len(held))
    others = {key: one for key, one in kept.items() if key != name}
    return {**others, name: value_now} if value_now else others
