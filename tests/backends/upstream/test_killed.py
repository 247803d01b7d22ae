"""A recorder that is killed leaves no broken file."""

import asyncio
import threading
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pytest

from chatdouble.core.files import files
from chatdouble.scripts.reading.load import load
from parts import long
from processes import Served, serving_alone
from raw import chat
from upstreams import DONE, HELLO, STREAM, Behaviour, Responder, upstream

MANY = b"".join(HELLO[:2]) * 500 + DONE


def flags(base_url: str, folder: Path, mode: str = "record") -> list[str]:
    """Return the flags of a server with recordings."""
    return ["--upstream", base_url, "--mode", mode, "--recordings", str(folder)]


def stalling() -> tuple[Behaviour, threading.Event]:
    """Return a behaviour that stalls in the middle of a stream, and an event that tells when it does."""
    there = threading.Event()

    async def behave(answer: Responder) -> None:
        await answer.head(200, STREAM)
        await answer.piece(HELLO[0])
        there.set()
        await answer.left()

    return behave, there


def test_an_unfinished_stream_is_not_recorded(tmp_path: Path) -> None:
    behave, there = stalling()
    with upstream(behave) as above:
        with serving_alone(*flags(above.base_url, tmp_path)) as served:
            connection = HTTPConnection(urlsplit(served.origin).netloc, timeout=30)
            body = orjson.dumps(
                {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}], "stream": True}
            )
            headers = {"authorization": "Bearer sk-test", "content-type": "application/json"}
            connection.request("POST", "/v1/chat/completions", body, headers)
            assert connection.getresponse().read1(len(HELLO[0])) == HELLO[0]
            assert there.wait(30)
            served.process.kill()
            connection.close()
        assert [*files(tmp_path)] == []

        async def whole(answer: Responder) -> None:
            await answer.stream(HELLO)

        above.behaviour = whole
        with serving_alone(*flags(above.base_url, tmp_path)) as served:
            bodies = [chat(served.origin, key, stream=True).body for key in ("sk-one", "sk-two")]
            assert bodies == [b"".join(HELLO)] * 2
    assert len(above.received) == 2


def _keep_asking(served: Served, stop: threading.Event) -> None:
    for number in range(10_000):
        try:
            chat(served.origin, messages=[{"role": "user", "content": f"{number % 7}"}], stream=True)
        except (OSError, HTTPException):
            return
        if stop.is_set():
            return


@pytest.mark.parametrize("after", [3, pytest.param(11, marks=long)])
def test_an_unfinished_file_is_not_read(tmp_path: Path, after: int) -> None:
    enough = threading.Event()
    asked = 0

    async def behave(answer: Responder) -> None:
        nonlocal asked
        asked += 1
        if asked >= after:
            await asyncio.to_thread(enough.set)
        await answer.stream([MANY])

    with upstream(behave) as above:
        with serving_alone(*flags(above.base_url, tmp_path, "rerecord")) as served:
            askers = [threading.Thread(target=_keep_asking, args=(served, enough)) for _ in range(3)]
            for asker in askers:
                asker.start()
            assert enough.wait(60)
            served.process.kill()
            for asker in askers:
                asker.join(60)
        found = [*files(tmp_path)]
        rules = load([tmp_path]).rules if found else ()
        assert len(rules) == len(found)
        for reply in (reply for placed in rules for reply in placed.rule.replies()):
            assert reply.recorded is not None
            assert b"".join(data for _, data in reply.recorded.pieces()) == MANY
        with serving_alone(*flags(above.base_url, tmp_path)) as served:
            answer = chat(served.origin, messages=[{"role": "user", "content": "0"}], stream=True)
    assert answer.body == MANY
