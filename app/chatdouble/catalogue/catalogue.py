"""Which models there are, and what is made of a name."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from chatdouble.catalogue.data import built_in, read
from chatdouble.catalogue.model import Model
from chatdouble.core.errors import APIError

FINE_TUNED: Final = "ft:"


class Catalogue:
    """The models by name.

    Args:
        models: The models that are known.
        strict: Whether a name that is not known, or that the API no longer serves, is refused.
    """

    def __init__(self, models: Mapping[str, Model], *, strict: bool) -> None:
        self._models = models
        self._strict = strict

    @classmethod
    def load(cls, setting: str) -> "Catalogue":
        """Return the catalogue a setting names.

        Args:
            setting: `any`, `strict`, or the path of a JSON file of further models (then strict).

        Raises:
            ValueError: The file is wrong; says where, and what to do.
        """
        if setting in {"any", "strict"}:
            return cls(built_in(), strict=setting == "strict")
        return cls(read(Path(setting)), strict=True)

    def all(self) -> list[Model]:
        """Return the models that are served, as `GET /models` lists them."""
        return [model for model in self._models.values() if not model.retired]

    def get(self, name: str) -> Model | None:
        """Return a model that is known and served, as `GET /models/{id}` does; None: there is none."""
        model = self._models.get(name) or self._fine_tuned(name)
        return None if model is None or model.retired else model

    def find(self, name: str) -> Model:
        """Return what is known of a model; a name that is not known is taken as a current general model.

        Raises:
            APIError: The catalogue is strict, and the name is not known ("does not exist") or no longer
                served ("has been deprecated"); 404, `model_not_found` (errors#models).
        """
        model = self._models.get(name) or self._fine_tuned(name)
        if model is None:
            if self._strict:
                raise APIError(
                    f"The model `{name}` does not exist or you do not have access to it.",
                    status=404,
                    code="model_not_found",
                )
            return general(name)
        if model.retired and self._strict:
            raise APIError(
                f"The model `{name}` has been deprecated, learn more here: "
                "https://platform.openai.com/docs/deprecations",
                status=404,
                code="model_not_found",
            )
        return model

    def _fine_tuned(self, name: str) -> Model | None:
        """Return a fine-tuned model, `ft:base:organization:suffix:id`, with its base's manners."""
        if not name.startswith(FINE_TUNED):
            return None
        base = self._models.get(name.split(":", 2)[1])
        owner = name.split(":")[2] if name.count(":") > 1 else "user"
        return base and replace(base, id=name, snapshot=name, owned_by=owner)


def general(name: str) -> Model:
    """Return what is made of a name nobody knows: a current model that does not reason and refuses nothing."""
    return replace(
        built_in()["gpt-4.1"],
        id=name,
        snapshot=name,
        known=False,
        max_output_tokens=_ROOMY,
        context_window=_ROOMY,
        unknown=frozenset(),
        strict_names=True,
        reads_audio=True,
        speaks=True,
        searches=True,
        verbosities=("low", "medium", "high"),
    )


_ROOMY: Final = 2**40
"""No limit that a request could meet: those of an unknown model are unknown."""
