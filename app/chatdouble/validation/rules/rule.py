"""Rules: checks of requests whose fields have the right types."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from chatdouble.catalogue.model import Model
from chatdouble.core.errors import APIError
from chatdouble.validation.faults import Stage


@dataclass(slots=True, eq=False, repr=False)
class Subject:
    """The request a rule checks.

    Attributes:
        body: The request's fields that have the published shape, as sent.
        model: The model it names.
        plain: Whether its messages are known to be plain texts, without parts, names, calls or results.
    """

    body: dict[str, Any]
    model: Model
    plain: bool = False

    @property
    def effort(self) -> str | None:
        """Return the reasoning effort: the request's, or the model's default."""
        return self.body.get("reasoning_effort") or self.model.default_effort


Kind = Literal["recorded", "probed", "reported", "inferred"]


class Evidence(NamedTuple):
    """The evidence for a rule.

    Attributes:
        kind: A recorded HTTP exchange, a table of direct observations, public reports that quote the error, or an
            inference from the documentation.
        date: The date of the newest evidence; empty if unknown.
    """

    kind: Kind
    date: str = ""


Find = Callable[[Subject], Iterator[APIError]]
Of = Callable[[Model], object]


def every(_: Model) -> bool:
    """Return True: the rule applies to every model."""
    return True


class Rule(NamedTuple):
    """A check of one field of a request.

    Attributes:
        field: The field it checks; the rule is applied only if the field is present and not null. `null`: it is applied
            if any field is null.
        stage: The stage in which the API checks it.
        find: Yields the errors, in the request's order; its docstring describes the rule.
        evidence: The evidence for the rule and its message.
        of: Returns a true value for the models the rule applies to.
        of_plain: Whether it applies to messages that are plain texts.
    """

    field: str
    stage: Stage
    find: Find
    evidence: Evidence
    of: Of = every
    of_plain: bool = True
