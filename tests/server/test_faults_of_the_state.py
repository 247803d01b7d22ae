"""Replicas through faults of all kinds: what they acknowledge stays, no reply is given twice, and they recover.

`--faults 400` takes about ten minutes.
"""

import random
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from time import sleep
from typing import Any, Final

import httpx2
import pytest
from openai import APIConnectionError, APIStatusError, OpenAI

from networks import Network, network
from parts import long
from processes import Served, serving_alone
from redis_servers import RedisServer, redis_server

_SESSIONS: Final = 4
_REPLICAS: Final = 2
_PATIENCE: Final = "timeout=0.5"


@dataclass
class Replica:
    """A replica that reaches Redis through a network of its own, and is started anew when it is killed.

    Attributes:
        network: Its network.
        served: Its process.
        stack: What ends its processes.
    """

    network: Network
    served: Served | None = None
    stack: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        """Start a process, on a port of its own."""
        url = f"redis://127.0.0.1:{self.network.port}/0?{_PATIENCE}"
        self.served = self.stack.enter_context(
            serving_alone("--state", url, "--validation", "off", "--log-level", "error")
        )

    def restart(self) -> None:
        """Kill the process, and start another."""
        if self.served:
            self.served.process.kill()
        self.start()


@dataclass
class Session:
    """A client that queues numbered replies and asks for them, one after another, at replicas at random.

    Attributes:
        key: Its key.
        chance: What chooses its replicas.
        acknowledged: The replies that a replica has taken.
        given: The replies that came as answers, in their order.
        failed: The requests without an answer, each of which may have taken a reply with it.
        wrong: The refusals that are not the one of a state that is away.
    """

    key: str
    chance: random.Random
    acknowledged: list[str] = field(default_factory=list[str])
    given: list[str] = field(default_factory=list[str])
    failed: int = 0
    wrong: list[str] = field(default_factory=list[str])

    def queue(self, served: Served, reply: str) -> None:
        """Queue a reply, and note it if the replica has taken it."""
        headers = {"authorization": f"Bearer {self.key}"}
        try:
            answer = httpx2.post(f"{served.origin}/_double/queue", json=[reply], headers=headers, timeout=60)
        except httpx2.TransportError:
            return
        if answer.is_success:
            self.acknowledged.append(reply)
        else:
            self._judge(answer.status_code, answer.json()["error"], answer.headers)

    def ask(self, served: Served) -> str | None:
        """Return and note the answer to a request; None: there was none."""
        client = OpenAI(base_url=served.base_url, api_key=self.key, max_retries=0, timeout=60)
        try:
            made = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "nothing"}])
        except APIConnectionError:
            self.failed += 1
        except APIStatusError as error:
            self.failed += 1
            self._judge(error.status_code, error.body, error.response.headers)
        else:
            said = str(made.choices[0].message.content)
            if said != "nothing":
                self.given.append(said)
            return said
        return None

    def _judge(self, status: int, error: Any, headers: httpx2.Headers) -> None:
        if (status, error["code"], headers.get("x-should-retry")) != (503, "state_unavailable", "true"):
            self.wrong.append(f"{status} {error}")

    def run(self, replicas: Sequence[Replica], ended: threading.Event) -> None:
        """Queue a reply and ask for one, over and over."""
        number = 0
        while not ended.is_set():
            served = self.chance.choice(replicas).served
            assert served is not None
            self.queue(served, f"reply {number:06}")
            number += 1
            self.ask(served)


@contextmanager
def replicas_of(redis: RedisServer) -> Generator[list[Replica]]:
    with ExitStack() as stack:
        replicas = [Replica(stack.enter_context(network(redis.port)), stack=stack) for _ in range(_REPLICAS)]
        for replica in replicas:
            replica.start()
        yield replicas


@contextmanager
def busy(sessions: Sequence[Session], replicas: Sequence[Replica]) -> Generator[None]:
    """Let sessions run side by side for as long as a `with` lasts."""
    ended = threading.Event()
    threads = [threading.Thread(target=one.run, args=(replicas, ended)) for one in sessions]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join(timeout=120)


def faults(redis: RedisServer, replicas: Sequence[Replica], chance: random.Random) -> Sequence[Callable[[], None]]:
    """Return what may go wrong; each is mended again before it ends."""
    pause = chance.uniform(0.1, 1.2)
    replica = chance.choice(replicas)

    def redis_is_killed() -> None:
        redis.kill()
        sleep(pause)
        redis.start()

    def redis_stops() -> None:
        redis.send(SIGSTOP)
        sleep(pause)
        redis.send(SIGCONT)

    def network_is_cut() -> None:
        replica.network.cut()
        sleep(pause)
        replica.network.mend()

    def network_holds() -> None:
        replica.network.hold()
        sleep(pause)
        replica.network.mend()

    return redis_is_killed, redis_stops, network_is_cut, network_holds, replica.restart


@long
def test_nothing_is_lost_or_given_twice_whatever_fails(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    chance = random.Random(20)
    sessions = [Session(f"sk-faults-{number}", random.Random(number)) for number in range(_SESSIONS)]
    with (
        redis_server(tmp_path, "--appendonly", "yes", "--appendfsync", "always") as redis,
        replicas_of(redis) as replicas,
    ):
        with busy(sessions, replicas):
            for _ in range(int(str(pytestconfig.getoption("faults")))):
                chance.choice(faults(redis, replicas, chance))()
                sleep(0.3)
        for session in sessions:
            _drain(session, replicas)
    for session in sessions:
        assert session.wrong == []
        assert len(session.given) == len({*session.given}) > 0, "a reply came twice"
        known = [reply for reply in session.given if reply in {*session.acknowledged}]
        assert known == sorted(known), "replies came out of turn"
        lost = {*session.acknowledged} - {*known}
        assert len(lost) <= session.failed, "a reply is gone that no broken answer had taken"


def _drain(session: Session, replicas: Sequence[Replica]) -> None:
    """Ask until no reply is left; the replicas answer again by themselves."""
    for _ in range(100_000):
        served = session.chance.choice(replicas).served
        assert served is not None
        if session.ask(served) == "nothing":
            return
        if session.failed:
            sleep(0.01)
    raise AssertionError("the replicas did not recover")
