"""The comparison of answers that are computed from an input: embeddings and moderations."""

from collections.abc import Iterator, Mapping
from typing import Any

from chatdouble.core.json import as_array, objects_in
from chatdouble.verify.completions import id_prefix
from chatdouble.verify.drift import Drift, differing, json_type, shape_drift

Object = Mapping[str, Any]


def embeddings_drift(_request: Object, recorded: Object, live: Object) -> Iterator[Drift]:
    """Return the drift of embeddings: their number, and the form and length of each; numbers are not compared."""
    yield from _same(recorded, live, "object", "model")
    yield from shape_drift(_without_data(recorded), _without_data(live))
    was, now = (objects_in(side.get("data")) for side in (recorded, live))
    yield from differing("data", len(was), len(now))
    for index, (before, after) in enumerate(zip(was, now, strict=False)):
        yield from differing(f"data[{index}]", sorted(before), sorted(after))
        vectors = (before.get("embedding"), after.get("embedding"))
        yield from differing(f"data[{index}].embedding", *map(_form, vectors))


def moderations_drift(_request: Object, recorded: Object, live: Object) -> Iterator[Drift]:
    """Return the drift of moderations: the number of results, their categories, and what is flagged."""
    yield from differing("id", id_prefix(recorded), id_prefix(live))
    yield from _same(recorded, live, "model")
    yield from shape_drift(recorded, live)
    was, now = (objects_in(side.get("results")) for side in (recorded, live))
    yield from differing("results", len(was), len(now))
    for index, (before, after) in enumerate(zip(was, now, strict=False)):
        for key in ("flagged", "categories", "category_applied_input_types"):
            yield from differing(f"results[{index}].{key}", before.get(key), after.get(key))


def _same(recorded: Object, live: Object, *keys: str) -> Iterator[Drift]:
    for key in keys:
        yield from differing(key, recorded.get(key), live.get(key))


def _without_data(answer: Object) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "data"}


def _form(vector: Any) -> str:
    """Return the form and the length of a vector."""
    if isinstance(vector, str):
        return f"base64 of {len(vector)} characters"
    return f"{len(as_array(vector))} numbers" if vector is not None else json_type(vector)
