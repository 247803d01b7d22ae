"""Files of llmock for Python: scenarios and configurations; also fixtures of aimock, which had the same name."""

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from chatdouble.core.json import as_array, as_object, is_array, is_object
from chatdouble.core.yaml import parsed
from chatdouble.importers import aimock
from chatdouble.importers.items import WRONG_TYPE, ImportedRule, Item, Skipped, escaped

_ROUTE: Final = "/v1/chat/completions"
Object = Mapping[str, Any]


def read(name: str, data: bytes) -> Iterator[Item]:
    """Return the rules in a YAML or JSON file: behaviours, a configuration, or fixtures.

    Raises:
        ValueError: The file is none of these.
    """
    value = parsed(data)
    given = {"behaviors": value} if is_array(value) else value
    if not is_object(given):
        raise ValueError("neither behaviours nor a configuration: the file has no object")
    if "behaviors" in given:
        return _behaviours(given)
    if "fixtures" in given:
        return aimock.read(name, data)
    if given.keys() & _SECTIONS:
        return _configuration(given)
    raise ValueError(f"neither behaviours nor a configuration: the keys are {', '.join(map(str, given)) or 'missing'}")


def _behaviours(given: Object) -> Iterator[Item]:
    """Return the rules for a scenario; errors first, as llmock serves them before anything queued."""
    listed = [(f"behaviour {index + 1}", as_object(one)) for index, one in enumerate(as_array(given["behaviors"]))]
    for where, behaviour in sorted(listed, key=lambda pair: pair[1].get("type") != "fail"):
        try:
            yield ImportedRule(where, _rule(behaviour))
        except KeyError as missing:
            yield Skipped(where, f"{missing.args[0]} is missing")
        except TypeError:
            yield Skipped(where, WRONG_TYPE)
        except ValueError as wrong:
            yield Skipped(where, str(wrong))


def _rule(behaviour: Object) -> dict[str, Any]:
    """Return the rule for a behaviour.

    Raises:
        KeyError: A key is missing.
        ValueError: The behaviour has no equivalent.
    """
    kind = str(behaviour["type"])
    if kind not in _REPLIES:
        raise ValueError(f"unknown type {kind!r}; llmock has {', '.join(_REPLIES)}")
    when = _when(kind, as_object(behaviour.get("match")))
    times = behaviour.get("times", 1)
    reply = _REPLIES[kind](behaviour)
    return {**({"when": when} if when else {}), "reply": reply, **({"times": times} if times else {})}


def _when(kind: str, match: Object) -> dict[str, Any]:
    """Return the `when` for a match. By default, some types of behaviour match only streams, or only tools.

    Raises:
        ValueError: It does not match chat completions.
    """
    asked = match or _DEFAULT_MATCHES.get(kind, {})
    if asked.get("provider") not in (None, "openai"):
        raise ValueError(f"for the provider {asked['provider']}, not OpenAI")
    if asked.get("path") is not None and not fnmatchcase(_ROUTE, str(asked["path"])):
        raise ValueError(f"for the path {asked['path']}, not chat completions")
    if unknown := asked.keys() - {"provider", "path", "model", "stream", "tools"}:
        raise ValueError(f"match.{min(unknown)} is unknown to llmock")
    model = {"model": {"glob": asked["model"]}} if asked.get("model") is not None else {}
    return model | {key: asked[key] for key in ("stream", "tools") if asked.get(key) is not None}


_DEFAULT_MATCHES: Final[Mapping[str, dict[str, bool]]] = {
    "slow_first_token": {"stream": True},
    "stream_fault": {"stream": True},
    "tool_fault": {"tools": True},
}


def _fail(behaviour: Object) -> dict[str, Any]:
    known = {key: behaviour[key] for key in ("message", "code", "retry_after") if behaviour.get(key) is not None}
    return {"error": {"status": behaviour["status"], **escaped(known)}}


def _wait(behaviour: Object) -> dict[str, Any]:
    return {"generate": True, "pace": {"ttft": behaviour["seconds"]}}


def _stream_fault(behaviour: Object) -> dict[str, Any]:
    kind = behaviour["kind"]
    if kind not in _STREAM_FAULTS:
        raise ValueError(f"unknown stream fault {kind!r}")
    return {"generate": True, "fault": {"name": _STREAM_FAULTS[kind], "after_chunks": behaviour.get("after_chunks", 1)}}


_STREAM_FAULTS: Final = {
    "disconnect": "disconnect",
    "truncate": "disconnect",
    "stall": "stall",
    "malformed": "malformed_json",
}


def _reply(behaviour: Object) -> dict[str, Any]:
    calls = [
        {"name": escaped(call["name"]), "arguments": escaped(call.get("arguments", {}))}
        for call in map(as_object, as_array(behaviour.get("tool_calls")))
    ]
    text = behaviour.get("text")
    reason = behaviour.get("finish_reason")
    return {
        **({"text": escaped(text)} if text is not None or not calls else {}),
        **({"tool_calls": calls} if calls else {}),
        **({"finish_reason": reason} if reason else {}),
    }


def _tool_fault(behaviour: Object) -> dict[str, Any]:
    kind = behaviour["kind"]
    if kind == "malformed_arguments":
        return {"generate": True, "fault": "corrupt_tool_arguments"}
    if kind == "unknown_tool":
        return {"tool_calls": [{"name": "unknown_tool", "arguments": {}}]}
    raise ValueError(f"unknown tool fault {kind!r}")


_REPLIES: Final[Mapping[str, Callable[[Object], dict[str, Any]]]] = {
    "fail": _fail,
    "delay": _wait,
    "slow_first_token": _wait,
    "stream_fault": _stream_fault,
    "reply": _reply,
    "tool_fault": _tool_fault,
}
"""Functions that make the reply for a behaviour, by type. Faults and delays apply to a generated answer."""

_SECTIONS: Final = frozenset({"server", "chaos", "responses", "limits", "stream", "latency_ms", "error_rates"})
_SETTINGS: Final = {
    "rpm": "--requests-per-minute",
    "tpm": "--tokens-per-minute",
    "host": "--host",
    "port": "--port",
}
"""Settings of `serve` that replace parts of a configuration."""


def _configuration(given: Object) -> Iterator[Item]:
    """Return one rule with the delays and faults that a configuration applies to every answer."""
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
    yield ImportedRule(
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
            reason = f"use serve {setting} {value} instead" if setting else "no equivalent"
            yield Skipped(f"{section}.{key}", f"{reason}; the rest is imported")
