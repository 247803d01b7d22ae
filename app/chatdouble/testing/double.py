"""The double as a test holds it: replies, turns, gates, requests and the verdict of one session."""

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from os import PathLike
from pathlib import Path
from typing import Any, Final, Literal

import httpx2

from chatdouble.client.connection import Connection
from chatdouble.core.json import is_object, objects_in
from chatdouble.server.application import Application
from chatdouble.settings import Settings
from chatdouble.testing.asked import Request, Requests
from chatdouble.testing.functions import Functions
from chatdouble.testing.gate import Gate
from chatdouble.testing.server import running
from chatdouble.testing.turns import Reply, ReplyFunction, Turn
from chatdouble.verdict.reports.text import text as as_text
from chatdouble.verdict.verdict import Problem, Verdict

Rules = str | PathLike[str] | Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""A file of rules, a rule, or a list of rules."""

_KEY: Final = "sk-chatdouble"


@dataclass(frozen=True, slots=True)
class Clock:
    """The session's clock.

    Attributes:
        connection: The session's control.
    """

    connection: Connection

    def advance(self, seconds: float) -> None:
        """Move the clock forward: rate limits refill, and new answers have later dates."""
        self.connection.ask("POST", "clock", {"advance": seconds})


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict.

    Attributes:
        whole: The verdict as the control returns it.
    """

    whole: Verdict

    @property
    def ok(self) -> bool:
        """True if there is no error."""
        return self.whole["ok"]

    @property
    def problems(self) -> Sequence[Problem]:
        """The problems, errors first."""
        return self.whole["problems"]

    @property
    def kinds(self) -> list[str]:
        """The kinds of the problems, each once."""
        return [*dict.fromkeys(problem["kind"] for problem in self.problems)]

    def __str__(self) -> str:
        """Return the verdict as text, a block for each problem."""
        return as_text(self.whole)


class Double:
    """One session of a server.

    Args:
        url: The server's address.
        key: The API key, which names the session.
        client: The HTTP client to control the session with; None: one of its own.
        app: The server, if it is in this process; replies can be functions there.
    """

    def __init__(
        self, url: str, key: str = _KEY, client: httpx2.Client | None = None, app: Application | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self.key = key
        self._client = client or httpx2.Client(trust_env=False)
        self._connection = Connection(self.url, key, client=self._client)
        self._gates = count(1)
        self._functions = Functions(app, self.url)

    @property
    def base_url(self) -> str:
        """The base URL for an OpenAI SDK."""
        return f"{self.url}/v1"

    # Answers

    def reply(
        self,
        *replies: Reply | ReplyFunction,
        when: Mapping[str, Any] | None = None,
        model: str | None = None,
        times: int = 1,
    ) -> None:
        """Queue replies; each answers one request.

        Args:
            replies: Texts, replies as script files have them, or functions of the request that return one.
            when: The conditions of the requests that they answer.
            model: The model of the requests that they answer; a glob.
            times: How often each answers.

        Raises:
            ControlError: One is no reply.
            ValueError: One is a function, and the server runs in another process.
        """
        plain = [self._functions.plain(reply) for reply in replies]
        options = {"when": when, "model": model, "times": times if times > 1 else None}
        given = {name: value for name, value in options.items() if value is not None}
        queued = [{"reply": reply, **given} for reply in plain] if given else plain
        self._connection.ask("POST", "queue", queued)

    def call(self, name: str, /, **arguments: Any) -> None:
        """Queue a tool call."""
        self.reply({"tool_calls": [{"name": name, "arguments": arguments}]})

    def refuse(self, refusal: str) -> None:
        """Queue a refusal of the model."""
        self.reply({"refusal": refusal})

    def fail(self, error: int | str, /, *, times: int = 1, **details: Any) -> None:
        """Queue an error of the API.

        Args:
            error: The status, such as 429, or the name of an error, such as `rate_limit_exceeded`.
            times: How many requests get it.
            details: `message`, `code`, `type`, `param`, `retry_after` (seconds) or `headers`.
        """
        kind = {"status": error} if isinstance(error, int) else {"name": error}
        self.reply({"error": {**kind, **details}}, times=times)

    def script(
        self, *turns: Turn, when: Mapping[str, Any] | None = None, model: str | None = None, name: str | None = None
    ) -> None:
        """Script a conversation, whose turns answer its next requests in order.

        Args:
            turns: The turns.
            when: The conditions that all its requests meet; they tell several conversations apart.
            model: The model that all its requests name.
            name: The conversation's name in messages.
        """
        options = {"when": when, "model": model, "name": name}
        conversation = {key: value for key, value in options.items() if value is not None}
        body: dict[str, Any] = {"turns": [one.as_json(self._functions.plain) for one in turns]}
        self._connection.ask("POST", "script", {**body, "conversation": conversation} if conversation else body)

    def rules(self, *sources: Rules) -> None:
        """Add rules for this session, tried before those of the server.

        Args:
            sources: Script files, rules or lists of rules.
        """
        for rule in [rule for source in sources for rule in _rules_in(source)]:
            self._connection.ask("POST", "rules", {"rule": rule, "position": "last"})

    # Delivery

    def pace(self, *, model: str = "*", **pace: Any) -> None:
        """Set the pace of the session's answers: `ttft`, `tokens_per_second`, `jitter`."""
        self._connection.ask("PUT", "pace", pace, query={"model": model})

    def fault(self, name: str, /, **options: Any) -> None:
        """Set a fault of the session's answers.

        Args:
            name: The fault, such as `disconnect`, `stall` or `error`.
            options: Its options, such as `after_chunks`, `times`, `probability`.
        """
        self._connection.ask("PUT", "faults", {"name": name, **options})

    def limits(self, *, model: str = "*", **limits: Any) -> None:
        """Set the session's rate limits: `requests_per_minute`, `tokens_per_minute` and so on."""
        self._connection.ask("PUT", "limits", limits, query={"model": model})

    @property
    def clock(self) -> Clock:
        """The session's clock."""
        return Clock(self._connection)

    def hold(
        self,
        *,
        after_chunks: int | None = None,
        before: Literal["first_byte", "done"] | None = None,
        when: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Gate:
        """Return a gate, as a context: answers stop there until the test releases them.

        Args:
            after_chunks: The chunks that leave before the answer stops.
            before: Where it stops instead: before its first byte, the default, or before the end.
            when: The conditions of the requests whose answers stop.
            options: `times` and `timeout`.
        """
        given = {"after_chunks": after_chunks, "before": before, "when": when, **options}
        gate = {name: value for name, value in given.items() if value is not None}
        return Gate(self._connection, f"gate-{next(self._gates)}", gate)

    def record(self, mode: Literal["replay", "record", "rerecord", "passthrough"]) -> None:
        """Set how the session uses recordings; the server needs an upstream or a folder of recordings."""
        self._connection.ask("PUT", "mode", mode)

    # Reading back

    @property
    def requests(self) -> Requests:
        """The session's requests."""
        return Requests(self._read)

    def wait_for(self, number: int, *, timeout: float = 5.0, **when: Any) -> None:
        """Wait until a number of requests has arrived.

        Args:
            number: The number of requests.
            timeout: Seconds to wait.
            when: The conditions that they meet.

        Raises:
            ControlError: They have not arrived in time.
        """
        body = {"count": number, "timeout": timeout, **({"when": when} if when else {})}
        self._connection.ask("POST", "requests/wait", body, wait=timeout)

    def verdict(self, *, strict: bool = False, allow: Sequence[str] = ()) -> Judgement:
        """Return the verdict on the session.

        Args:
            strict: Whether warnings are errors.
            allow: Problems that do not count: a kind, or `kind: pattern of what was found`.
        """
        query = {"strict": "true" if strict else None, "allow": [*allow]}
        whole: Any = self._connection.ask("GET", "verdict", query=query)
        return Judgement(whole)

    def close(self) -> None:
        """Close the connection to the server; the session stays, without the functions that make replies."""
        self._functions.clear()
        self._client.close()

    def reset(self) -> None:
        """Clear everything of the session."""
        self._functions.clear()
        self._connection.ask("POST", "reset")

    def _read(self, when: Mapping[str, Any]) -> list[Request]:
        query = {"when": json.dumps(when) if when else None}
        found: list[dict[str, Any]] = self._connection.ask("GET", "requests", query=query)["data"]
        return [Request(entry, self._whole) for entry in found]

    def _whole(self, request_id: str) -> dict[str, Any]:
        return self._connection.ask("GET", f"requests/{request_id}")


def _rules_in(source: Rules) -> Sequence[Any]:
    if isinstance(source, Mapping):
        return [source]
    if not isinstance(source, (str, PathLike)):
        return source
    import yaml  # noqa: PLC0415 - for tests with files of rules

    read: Any = yaml.safe_load(Path(source).read_text("utf-8"))
    return objects_in(read["rules"] if is_object(read) else read)


@contextmanager
def double(settings: Settings | None = None, *, key: str = _KEY) -> Generator[Double]:
    """Serve in a thread on a free port, and return a session of the server.

    Args:
        settings: The server's settings; host and port are ignored.
        key: The API key, which names the session.

    Raises:
        SettingsError: A setting is invalid.
    """
    with running(settings) as served, httpx2.Client(trust_env=False) as client:
        yield Double(served.origin, key, client, served.app)
