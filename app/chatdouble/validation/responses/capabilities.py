"""Rules about what a model can do, which the API checks last (responses#order-of-checks)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from chatdouble.catalogue.model import Model
from chatdouble.core.errors import APIError
from chatdouble.core.json import as_object, encode, objects_in
from chatdouble.core.media import media_type
from chatdouble.json_schema.strict import find_fault
from chatdouble.schema.responses.request import ResponsesRequest
from chatdouble.validation.responses import wording
from chatdouble.validation.wording.schemas import invalid_schema

_SAMPLING: Final[Mapping[str, float]] = {
    "temperature": 1,
    "top_p": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
}
"""The parameters that reasoning models refuse, with the values that mean the same as leaving them out."""
_SAMPLING_NAMES: Final = frozenset(_SAMPLING)

_LOGPROBS: Final = "top_logprobs"
_WITHOUT_HOSTED_TOOLS: Final = ("gpt-4-0613", "gpt-4-turbo", "gpt-3.5")


class Asked(NamedTuple):
    """A request and the conversation that it continues.

    Attributes:
        request: The request.
        body: Its body as it was sent.
        model: Its model.
        items: The items of the whole conversation.
    """

    request: ResponsesRequest
    body: Mapping[str, Any]
    model: Model
    items: Sequence[Mapping[str, Any]]

    @property
    def effort(self) -> str | None:
        """The reasoning effort: the request's, or the model's default."""
        return as_object(self.body.get("reasoning")).get("effort") or self.model.default_effort

    def refuses(self, name: str) -> bool:
        """Tell whether the model refuses a parameter of sampling, which it does while it reasons."""
        model = self.model
        refused = name in model.unsupported or name in model.fixed
        return refused and not (self.effort == "none" and name in model.free_without_reasoning)


Rule = Callable[[Asked], Iterator[APIError]]
"""Yields what is wrong with a request."""


def faults(asked: Asked) -> Iterator[APIError]:
    """Yield what the model cannot do, in the API's order."""
    for rule in _rules_of(asked.model, tuple(asked.body)):
        yield from rule(asked)


@lru_cache(maxsize=256)
def _rules_of(model: Model, fields: tuple[str, ...]) -> tuple[Rule, ...]:
    """Return the rules for a model and some fields. Most clients send the same ones each time."""
    found = (rule for rule, about in _RULES.items() if not about.isdisjoint(fields))
    return tuple(rule for rule in found if rule not in _OF_SOME or _OF_SOME[rule](model))


def _sampling(asked: Asked) -> Iterator[APIError]:
    """Refuse sampling and penalties while a model reasons (responses#models)."""
    for name, default in _SAMPLING.items():
        given = asked.body.get(name)
        if given is not None and given != default and asked.refuses(name):
            yield wording.unsupported(name)


def _logprobs(asked: Asked) -> Iterator[APIError]:
    """Refuse log probabilities while a model reasons (responses#models)."""
    if not asked.model.efforts or not asked.refuses(_LOGPROBS):
        return
    if asked.request.top_logprobs:
        yield wording.no_logprobs(_LOGPROBS)
    if asked.request.includes("message.output_text.logprobs"):
        yield wording.no_logprobs("include")


def _effort(asked: Asked) -> Iterator[APIError]:
    """Allow only the efforts of a model that reasons (responses#models)."""
    given, model = as_object(asked.body.get("reasoning")).get("effort"), asked.model
    if given is not None and model.efforts and given not in (*model.efforts, *model.unlisted_efforts):
        yield wording.unsupported_value("reasoning.effort", given, model.id, model.efforts)


def _verbosity(asked: Asked) -> Iterator[APIError]:
    """Allow only the verbosities of the model (responses#models)."""
    given = as_object(asked.body.get("text")).get("verbosity")
    if given is not None and given not in asked.model.verbosities:
        yield wording.unsupported_value("text.verbosity", given, asked.model.id, asked.model.verbosities)


def _encrypted_content(asked: Asked) -> Iterator[APIError]:
    """Refuse encrypted reasoning of models that do not reason (responses#models)."""
    if asked.model.known and not asked.model.efforts and asked.request.includes("reasoning.encrypted_content"):
        yield wording.no_encrypted_content()


def _hosted_tools(asked: Asked) -> Iterator[APIError]:
    """Refuse the search in files on gpt-4 (responses#models)."""
    for tool in objects_in(asked.body.get("tools")):
        if tool["type"] == "file_search" and asked.model.snapshot.startswith(_WITHOUT_HOSTED_TOOLS):
            yield wording.hosted_tool("file_search", asked.model.id)


def _research(asked: Asked) -> Iterator[APIError]:
    """Require a research model to have something to search in, and refuse other tools (responses#models)."""
    kinds = {tool["type"] for tool in objects_in(asked.body.get("tools"))}
    searching = {kind for kind in kinds if kind.startswith("web_search") or kind in {"mcp", "file_search"}}
    if not searching:
        yield wording.no_research()
    if kinds - searching - {"code_interpreter"}:
        yield wording.not_for_research()


def _cache_retention(asked: Asked) -> Iterator[APIError]:
    """Allow only the model's cache retentions (responses#models)."""
    given, kept = asked.request.prompt_cache_retention, asked.model.cache_retentions
    if given is not None and kept and given not in kept:
        yield wording.cache_retention(kept[0])


def _format(asked: Asked) -> Iterator[APIError]:
    """Refuse schemas on models without them, and check the schema (responses#formats)."""
    form = as_object(as_object(asked.body.get("text")).get("format"))
    if form.get("type") == "json_object":
        yield from _json_mode(asked)
    if form.get("type") != "json_schema":
        return
    if not asked.model.json_schema:
        yield wording.unsupported_format("json_schema", asked.model.id)
    fault = find_fault(form["schema"], of_function=False, strict=form.get("strict") is not False)
    if fault:
        name = f"response_format '{form['name']}'"
        yield invalid_schema(fault, name, "text.format.schema", "invalid_json_schema")


def _json_mode(asked: Asked) -> Iterator[APIError]:
    if any(tool["type"].startswith("web_search") for tool in objects_in(asked.body.get("tools"))):
        yield wording.search_in_json_mode()
    # Instructions count here, since nothing public says that they do not.
    texts = encode([asked.request.instructions, *asked.items], str).decode().lower()
    if "json" not in texts:
        yield wording.word_json()


def _tool_schemas(asked: Asked) -> Iterator[APIError]:
    """Check the parameters of functions; without `strict` they are made strict, and so need no check for it."""
    for index, tool in enumerate(objects_in(asked.body.get("tools"))):
        parameters = tool.get("parameters")
        if tool["type"] != "function" or not parameters:
            continue
        fault = find_fault(parameters, of_function=True, strict=tool.get("strict") is True)
        if fault:
            name = f"function '{tool['name']}'"
            yield invalid_schema(fault, name, f"tools[{index}].parameters", "invalid_function_parameters")


def _files(asked: Asked) -> Iterator[APIError]:
    """Refuse files of sound and films, and on older models all but PDFs (responses#files)."""
    for index, item in enumerate(objects_in(asked.body.get("input"))):
        for field in ("content", "output"):
            for at, part in enumerate(objects_in(item.get(field))):
                yield from _file(asked.model, part, f"input[{index}].{field}[{at}].file_data")


def _file(model: Model, part: Mapping[str, Any], path: str) -> Iterator[APIError]:
    kind, url = media_type(part.get("file_data")), part.get("file_url")
    if isinstance(url, str) and not url.lower().startswith(("http://", "https://")):
        yield wording.no_download(url)
    if kind is not None and kind.startswith(("audio/", "video/")):
        yield wording.wrong_file_type(path, kind)
    elif kind not in {None, "application/pdf"} and model.snapshot.startswith("gpt-4"):
        yield wording.only_pdf()


_RULES: Final[Mapping[Rule, frozenset[str]]] = {
    _files: frozenset({"input"}),
    _effort: frozenset({"reasoning"}),
    _sampling: _SAMPLING_NAMES,
    _logprobs: frozenset({_LOGPROBS, "include"}),
    _encrypted_content: frozenset({"include"}),
    _verbosity: frozenset({"text"}),
    _hosted_tools: frozenset({"tools"}),
    _research: frozenset({"model"}),
    _cache_retention: frozenset({"prompt_cache_retention"}),
    _tool_schemas: frozenset({"tools"}),
    _format: frozenset({"text"}),
}
"""The rules in the API's order, and the fields of which a request has one if a rule is about it."""
_OF_SOME: Final[Mapping[Rule, Callable[[Model], bool]]] = {
    _sampling: lambda model: not _SAMPLING_NAMES.isdisjoint((*model.unsupported, *model.fixed)),
    _research: lambda model: "deep-research" in model.snapshot,
}
"""The rules that are about some models only, and what tells whether one is."""
