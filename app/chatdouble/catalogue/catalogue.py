"""The models, found by name."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from chatdouble.catalogue.data import built_in, read
from chatdouble.catalogue.model import Model

FINE_TUNED: Final = "ft:"
ALWAYS: Final = float("-inf")
"""A time at which every model is served."""

_REMEMBERED: Final = 1024
"""Names that are remembered."""

_LONGEST_NAME: Final = 1024


class UnknownModelError(LookupError):
    """A model that the catalogue does not serve.

    Args:
        name: Its name.
        is_deprecated: Whether it was served once.
    """

    def __init__(self, name: str, *, is_deprecated: bool = False) -> None:
        super().__init__(name)
        self.name = name
        self.is_deprecated = is_deprecated


class Catalogue:
    """The models by name.

    Args:
        models: The models that are known.
        strict: Whether a name that is not known, or that the API no longer serves, is refused.

    Attributes:
        stand_in: Returns a model like another one, given that one's name and its own, unless the catalogue has it.
    """

    def __init__(self, models: Mapping[str, Model], *, strict: bool) -> None:
        self._models = models
        self._strict = strict
        self._asked: dict[str, Model] = {}  # without a call of Python code for each request
        # Models are cache keys, so the same name is always the same object.
        self._known: Callable[[str], Model | None] = lru_cache(maxsize=_REMEMBERED)(models.get)
        self._general = lru_cache(maxsize=_REMEMBERED)(general)
        self._fine_tuned = lru_cache(maxsize=_REMEMBERED)(self._make_fine_tuned)
        self.stand_in: Final[Callable[[str, str], Model]] = lru_cache(maxsize=_REMEMBERED)(self._make_stand_in)

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

    def known(self) -> list[Model]:
        """Return all models, those that are no longer served too."""
        return [*self._models.values()]

    def all(self, now: float = ALWAYS) -> list[Model]:
        """Return the models that are served, as `GET /models` lists them.

        Args:
            now: The time, in seconds since 1970; by default one at which every model is served.
        """
        return [model for model in self._models.values() if now < model.shut_down_at]

    def get(self, name: str, now: float = ALWAYS) -> Model | None:
        """Return a model that is known and served, as `GET /models/{id}` does; None: there is none.

        Args:
            name: Its name.
            now: The time, in seconds since 1970; by default one at which every model is served.
        """
        model = self._look_up(name)
        return None if model is None or now >= model.shut_down_at else model

    def find(self, name: str, now: float = ALWAYS) -> Model:
        """Return what is known of a model; a name that is not known is taken as a current general model.

        Args:
            name: Its name.
            now: The time, in seconds since 1970; by default one at which every model is served.

        Raises:
            UnknownModelError: The catalogue is strict, and the name is not known or no longer served. No model has a
                name of more than 1,024 characters.
        """
        if len(name) > _LONGEST_NAME:
            raise UnknownModelError(f"{name[:_LONGEST_NAME]}...")
        model = self._asked.get(name) or self._look_up(name)
        if model is None:
            if self._strict:
                raise UnknownModelError(name)
            return self._general(name)
        if self._strict and now >= model.shut_down_at:
            raise UnknownModelError(name, is_deprecated=True)
        return model

    def like(self, name: str) -> Model:
        """Return what is known of a model, even if this server does not serve it."""
        if len(name) > _LONGEST_NAME:
            return general(name)
        return self._look_up(name) or self._general(name)

    def _look_up(self, name: str) -> Model | None:
        model = self._models.get(name)
        if model is None:
            return self._fine_tuned(name)
        self._asked[name] = model
        return model

    def find_for(self, default: str, name: str, now: float = ALWAYS) -> Model:
        """Return what is known of a model; a name that is not known is taken as another model.

        Args:
            default: The model that stands for names that are not known.
            name: The model's name.
            now: The time, in seconds since 1970; by default one at which every model is served.

        Raises:
            UnknownModelError: As `find` does.
        """
        model = self.find(name, now)
        return model if model.known else self.stand_in(default, name)

    def _make_stand_in(self, default: str, name: str) -> Model:
        known = self._models.get(name)
        if known is not None:
            return known
        return replace(self._models[default], id=name, snapshot=name, known=False, shutdown_date=None)

    def _make_fine_tuned(self, name: str) -> Model | None:
        """Return a fine-tuned model, `ft:base:organization:suffix:id`, with its base's manners."""
        if not name.startswith(FINE_TUNED):
            return None
        base = self._models.get(name.split(":", 2)[1])
        owner = name.split(":")[2] if name.count(":") > 1 else "user"
        return base and replace(base, id=name, snapshot=name, owned_by=owner)


def general(name: str) -> Model:
    """Return what is made of a name nobody knows: a current model that does not reason and refuses nothing."""
    return replace(
        built_in()["gpt-5.4"],
        id=name,
        snapshot=name,
        known=False,
        shutdown_date=None,
        max_output_tokens=_ROOMY,
        context_window=_ROOMY,
        input_limit=None,
        efforts=(),
        default_effort=None,
        unsupported=frozenset(),
        unknown=frozenset(),
        fixed=frozenset(),
        refused_roles=frozenset(),
        free_without_reasoning=frozenset(),
        function_tools="always",
        max_top_logprobs=20,
        has_logprobs_key=True,
        has_fingerprint=True,
        reads_audio=True,
        speaks=True,
        searches=True,
        verbosities=("low", "medium", "high"),
    )


_ROOMY: Final = 2**40
"""No limit that a request could meet: those of an unknown model are unknown."""
