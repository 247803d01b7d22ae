"""What llmock has in files: scenarios of behaviours, its configuration, and fixtures from when aimock was called so."""

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

import yaml

from chatdouble.core.json import as_array, as_object, is_array, is_object
from chatdouble.importers import aimock
from chatdouble.importers.found import OF_ANOTHER_KIND, Found, FoundRule, LeftOut, literal

_ROUTE: Final = "/v1/chat/completions"
Object = Mapping[str, Any]


def read(name: str, data: bytes) -> Iterator[Found]:
    """Return the rules of a file in YAML or JSON: a list of behaviours, or a configuration.

    Raises:
        ValueError: It is neither.
    """
    try:
        value: Any = yaml.load(data, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError) as wrong:
        raise ValueError(f"not YAML: {' '.join(str(wrong).split())}") from None
    given = {"behaviors": value} if is_array(value) else value
    if not is_object(given):
        raise ValueError("neither behaviours nor a configuration: there is no object in it")
    if "behaviors" in given:
        return _behaviours(given)
    if "fixtures" in given:
        return aimock.read(name, data)
    if given.keys() & _SECTIONS:
        return _configuration(given)
    raise ValueError(f"neither behaviours nor a configuration: it has {', '.join(map(str, given)) or 'nothing'}")


def _behaviours(given: Object) -> Iterator[Found]:
    """Return the rules of a scenario; errors first, since they go before everything that is waiting."""
    listed = [(f"behaviour {index + 1}", as_object(one)) for index, one in enumerate(as_array(given["behaviors"]))]
    for where, behaviour in sorted(listed, key=lambda pair: pair[1].get("type") != "fail"):
        try:
            yield FoundRule(where, _rule(behaviour))
        except KeyError as missing:
            yield LeftOut(where, f"{missing.args[0]} is missing")
        except TypeError:
            yield LeftOut(where, OF_ANOTHER_KIND)
        except ValueError as wrong:
            yield LeftOut(where, str(wrong))


def _rule(behaviour: Object) -> dict[str, Any]:
    """Return the rule of a behaviour.

    Raises:
        KeyError: Something is missing.
        ValueError: It has no place here.
    """
    kind = str(behaviour["type"])
    if kind not in _REPLIES:
        raise ValueError(f"{kind!r} is no kind of behaviour: {', '.join(_REPLIES)}")
    when = _when(kind, as_object(behaviour.get("match")))
    times = behaviour.get("times", 1)
    reply = _REPLIES[kind](behaviour)
    return {**({"when": when} if when else {}), "reply": reply, **({"times": times} if times else {})}


def _when(kind: str, match: Object) -> dict[str, Any]:
    """Return the `when` of a match; some kinds wait for a stream, or for tools, unless told otherwise.

    Raises:
        ValueError: It matches no chat completion.
    """
    asked = match or _USUAL.get(kind, {})
    if asked.get("provider") not in (None, "openai"):
        raise ValueError(f"it is for the provider {asked['provider']}, not for OpenAI")
    if asked.get("path") is not None and not fnmatchcase(_ROUTE, str(asked["path"])):
        raise ValueError(f"it is for the path {asked['path']}, not for chat completions")
    if unknown := asked.keys() - {"provider", "path", "model", "stream", "tools"}:
        raise ValueError(f"match.{min(unknown)} is nothing that llmock matches")
    model = {"model": {"glob": asked["model"]}} if asked.get("model") is not None else {}
    return model | {key: asked[key] for key in ("stream", "tools") if asked.get(key) is not None}


_USUAL: Final[Mapping[str, dict[str, bool]]] = {
    "slow_first_token": {"stream": True},
    "stream_fault": {"stream": True},
    "tool_fault": {"tools": True},
}


def _fail(behaviour: Object) -> dict[str, Any]:
    known = {key: behaviour[key] for key in ("message", "code", "retry_after") if behaviour.get(key) is not None}
    return {"error": {"status": behaviour["status"], **literal(known)}}


def _wait(behaviour: Object) -> dict[str, Any]:
    return {"generate": True, "pace": {"ttft": behaviour["seconds"]}}


def _stream_fault(behaviour: Object) -> dict[str, Any]:
    kind = behaviour["kind"]
    if kind not in _STREAM_FAULTS:
        raise ValueError(f"{kind!r} is no kind of fault of a stream")
    return {"generate": True, "fault": {"name": _STREAM_FAULTS[kind], "after_chunks": behaviour.get("after_chunks", 1)}}


_STREAM_FAULTS: Final = {
    "disconnect": "disconnect",
    "truncate": "disconnect",
    "stall": "stall",
    "malformed": "malformed_json",
}


def _say(behaviour: Object) -> dict[str, Any]:
    calls = [
        {"name": literal(call["name"]), "arguments": literal(call.get("arguments", {}))}
        for call in map(as_object, as_array(behaviour.get("tool_calls")))
    ]
    text = behaviour.get("text")
    reason = behaviour.get("finish_reason")
    return {
        **({"text": literal(text)} if text is not None or not calls else {}),
        **({"tool_calls": calls} if calls else {}),
        **({"finish_reason": reason} if reason else {}),
    }


def _tool_fault(behaviour: Object) -> dict[str, Any]:
    kind = behaviour["kind"]
    if kind == "malformed_arguments":
        return {"generate": True, "fault": "corrupt_tool_arguments"}
    if kind == "unknown_tool":
        return {"tool_calls": [{"name": "unknown_tool", "arguments": {}}]}
    raise ValueError(f"{kind!r} is no kind of fault of a tool call")


_REPLIES: Final[Mapping[str, Callable[[Object], dict[str, Any]]]] = {
    "fail": _fail,
    "delay": _wait,
    "slow_first_token": _wait,
    "stream_fault": _stream_fault,
    "reply": _say,
    "tool_fault": _tool_fault,
}
"""What behaviours answer, by their kind; those that only disturb answer what the request asks for."""

_SECTIONS: Final = frozenset({"server", "chaos", "responses", "limits", "stream", "latency_ms", "error_rates"})
_SETTINGS: Final = {
    "rpm": "--requests-per-minute",
    "tpm": "--tokens-per-minute",
    "host": "--host",
    "port": "--port",
}
"""What is a setting of the server here, and no rule."""


def _configuration(given: Object) -> Iterator[Found]:
    """Return the one rule of a configuration: what it lets go wrong with every answer."""
    chaos = {**given, **as_object(given.get("chaos"))}
    stream = as_object(given.get("stream"))
    rates = as_object(chaos.get("error_rates")) | {
        key.rpartition("_")[2]: rate for key, rate in chaos.items() if str(key).startswith("error_rate_")
    }
    faults: list[dict[str, Any]] = [
        {"name": "error", "status": int(status), "probability": rate} for status, rate in rates.items()
    ]
    shares = as_object(stream.get("faults"))
    faults += [
        {"name": _STREAM_FAULTS[kind], "probability": shares[kind]} for kind in _STREAM_FAULTS if shares.get(kind)
    ]
    echoes = as_object(given.get("responses")).get("style", given.get("response_style")) == "echo"
    seconds = (chaos.get("latency_ms") or 0) / 1000
    yield FoundRule(
        "the configuration",
        {
            "reply": {
                **({"echo": True} if echoes else {"generate": True}),
                **({"pace": {"ttft": seconds}} if seconds else {}),
                **({"faults": faults} if faults else {}),
            }
        },
    )
    for section in ("server", "limits"):
        for key, value in as_object(given.get(section)).items():
            setting = _SETTINGS.get(key)
            said = f"give serve {setting} {value} for it" if setting else "there is nothing like it here"
            yield LeftOut(f"{section}.{key}", f"{said}; the rest is taken over")
