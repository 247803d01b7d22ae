"""GET /models, GET and DELETE /models/{id}."""

from typing import Any

from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.catalogue.model import Model
from chatdouble.validation.wording import models as wording


def listed(catalogue: Catalogue, now: float) -> dict[str, Any]:
    """Return the list object of all models that are served (endpoints#lists; there is no pagination).

    Args:
        catalogue: Where they are looked up.
        now: The time, in seconds since 1970.
    """
    return {"object": "list", "data": [_shown(model) for model in catalogue.all(now)]}


def one(catalogue: Catalogue, name: str, now: float, *, any_id: bool = False) -> dict[str, Any]:
    """Return one model.

    Args:
        catalogue: The models.
        name: The id; those of fine-tuned models contain colons.
        now: The time, in seconds since 1970.
        any_id: Whether an unknown id is answered too.

    Raises:
        APIError: 404: there is no such model (endpoints#models).
    """
    model = catalogue.get(name, now)
    if model is None and not any_id:
        raise wording.not_listed(name)
    return _shown(model or catalogue.like(name))


def deleted(catalogue: Catalogue, name: str, now: float, *, any_id: bool = False) -> dict[str, Any]:
    """Delete a fine-tuned model, which changes nothing here (endpoints#models).

    Raises:
        APIError: 404: there is no such model; 403: it is not a fine-tuned one.
    """
    if not (name.startswith("ft:") or ":ft-" in name or any_id):
        if catalogue.get(name, now) is None:
            raise wording.not_listed(name)
        raise wording.not_deletable(name)
    return {"object": "model", "id": name, "deleted": True}


def _shown(model: Model) -> dict[str, Any]:
    return {
        "id": model.id,
        "object": "model",
        "created": model.created,
        "owned_by": model.owned_by,
        "shutdown_date": model.shutdown_date.isoformat() if model.shutdown_date else None,
    }
