"""Steps at a gate that every process takes with the answers it holds there, and what it has then."""

from collections.abc import Iterable, Sequence
from typing import Literal, NotRequired, TypedDict

from chatdouble.state.gates import Gate, Gates, How


class Step(TypedDict):
    """A step.

    Attributes:
        do: What to do: add the gate, remove it, remove all gates of the session or of all, look, release, abort.
        session: The session; None: all of them.
        name: The gate.
        requests: The ids of the only requests to release or abort.
        chunks: The chunks that each may send before it waits again.
        how: The way to abort.
    """

    do: Literal["add", "remove", "remove all", "look", "release", "abort"]
    session: str | None
    name: NotRequired[str]
    requests: NotRequired[Sequence[str] | None]
    chunks: NotRequired[int | None]
    how: NotRequired[How]


class AtGate(TypedDict):
    """An answer at a gate: the id of its request, when it arrived, and whether its client left."""

    request: str
    since: float
    client_left: bool


class Report(TypedDict):
    """The answers of one process at a gate.

    Attributes:
        waiting: The answers that wait, and the newest of those whose client left.
        released: The answers that were let go on.
        timed_out: The answers that nobody released in time.
        found: The answers that the step was for.
    """

    waiting: list[AtGate]
    released: int
    timed_out: int
    found: int


def perform(gates: Gates, step: Step) -> Report:
    """Take a step in this process; return what the gate has then."""
    session, name = step["session"], step.get("name", "")
    if step["do"] == "remove all" or session is None:
        gates.remove_all(session)
        return report(Gate())
    if step["do"] == "add":
        gates.add(session, name)
    elif step["do"] == "remove":
        gates.remove(session, name)
    gate = gates.find(session, name) or Gate()
    found = 0
    if step["do"] in {"release", "abort"}:
        chosen = step.get("requests")
        found = sum(_let_go(gate, step, request) for request in ([None] if chosen is None else chosen))
    return report(gate, found)


def _let_go(gate: Gate, step: Step, request: str | None) -> int:
    if step["do"] == "abort":
        return gate.abort(step.get("how", "disconnect"), request)
    return gate.release(step.get("chunks"), request)


def report(gate: Gate, found: int = 0) -> Report:
    """Return what a gate has."""
    waiting: list[AtGate] = [
        {"request": held.request, "since": held.since, "client_left": held.client_left} for held in tuple(gate.held)
    ]
    return {"waiting": waiting, "released": gate.released, "timed_out": gate.timed_out, "found": found}


def merged(reports: Iterable[Report]) -> Report:
    """Return what several processes have at a gate together, those that wait in the order they arrived."""
    every = [*reports]
    waiting = sorted((one for each in every for one in each["waiting"]), key=lambda one: one["since"])
    return {
        "waiting": waiting,
        "released": sum(one["released"] for one in every),
        "timed_out": sum(one["timed_out"] for one in every),
        "found": sum(one["found"] for one in every),
    }
