"""A session's override for a model: the model's own value, else the one for every model."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from chatdouble.catalogue.model import Model
from chatdouble.core.errors import APIError
from chatdouble.scripts.format.base import Spec
from chatdouble.state.overrides import FullError
from chatdouble.state.session import Session

EVERY: Final = "*"
"""The model name that stands for every model."""

T = TypeVar("T")


def of_model(named: Mapping[str, T], model: Model) -> T | None:
    """Return the value for a model, by its name or its dated name; None: there is none."""
    found = named.get(model.id)
    return named.get(model.snapshot) if found is None else found


def overridden(named: Mapping[str, dict[str, Any]], model: Model) -> dict[str, Any] | None:
    """Return a session's value for a model, else its value for every model; None: it has none."""
    found = of_model(named, model)
    return named.get(EVERY) if found is None else found


async def override_models(session: Session, name: str, spec: Spec | None, model: str) -> None:
    """Set an override that a session keeps by model; None clears it, and for `*` that of every model.

    Raises:
        APIError: 400: too many models have one.
    """
    if spec is None and model == EVERY:
        await session.override(name, None)
        return
    try:
        await session.override(name, spec and spec.model_dump(mode="json", exclude_unset=True), model)
    except FullError as full:
        raise APIError(
            f"{full.number:,} models of the session have {name} of their own, and no more may: clear one, or reset.",
            param="model",
            code="too_many_models",
        ) from None
