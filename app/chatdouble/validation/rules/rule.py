"""What a rule is: a look at a request whose fields have their types, that may find faults."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from chatdouble.catalogue.model import Model
from chatdouble.core.errors import APIError
from chatdouble.validation.faults import Stage


@dataclass(slots=True)
class Subject:
    """What a rule looks at.

    Attributes:
        body: The request's fields that are of the published shape, as they were sent.
        model: The model it asks for.
        plain: Whether its messages are known to be plain texts, see `plain.is_plain`.
    """

    body: dict[str, Any]
    model: Model
    plain: bool = False

    @property
    def effort(self) -> str | None:
        """Return how hard the model would reason: as asked, or as it does unasked."""
        return self.body.get("reasoning_effort") or self.model.default_effort


Kind = Literal["recorded", "probed", "reported", "inferred"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a rule rests on.

    Attributes:
        kind: An HTTP exchange that was recorded, a probe's table of direct observations, public reports that quote
            the error, or what the documentation says in words of its own.
        date: Of the newest such evidence, as far as it is known; empty: it is not.
    """

    kind: Kind
    date: str = ""


Find = Callable[[Subject], Iterator[APIError]]
Of = Callable[[Model], object]


def every(_: Model) -> bool:
    """Say that a rule is about every model."""
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule.

    Attributes:
        field: The field that it is about; it is asked only of requests that have it, and not null. `null`: it is asked
            of those that have any field that is null.
        stage: When the API looks.
        find: Yields what the rule finds, in the request's order; its docstring says what the rule is.
        evidence: What the rule and its words rest on.
        of: Says of a model, by something that is true, that the rule is about it.
        of_plain: Whether it has anything to say of messages that are plain texts.
    """

    field: str
    stage: Stage
    find: Find
    evidence: Evidence
    of: Of = every
    of_plain: bool = True
