"""Room for long bodies: what clients send at once takes bounded memory, and whoever finds none waits or gets a 503."""

import asyncio
import json
import socket
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from chatdouble.state.bounds import Room
from chatdouble.testing.server import RunningServer
from raw import ask

MEBIBYTE = 1024 * 1024
PATHS = ["/v1/chat/completions", "/v1/responses/input_tokens", "/_double/rules"]


@pytest.fixture
def room(server: RunningServer) -> Iterator[Room]:
    """Return the room of a server, of 4 MiB."""
    room = server.app.services.bodies
    most, patience, room.most = room.most, room.patience, 4 * MEBIBYTE
    yield room
    room.most, room.patience = most, patience


def body(size: int) -> bytes:
    """Return a body that every route refuses once it is whole."""
    return json.dumps("a" * (size - 2)).encode()


def posted(server: RunningServer, key: str, path: str, sent: Any) -> int:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return ask(server.origin, "POST", path, sent, headers).status


@contextmanager
def stalled(server: RunningServer, key: str, path: str, announced: int, room: Room) -> Generator[socket.socket]:
    """Send the beginning of a body, once there is room for it."""
    before, there = room.taken, server.origin.removeprefix("http://").split(":")
    with socket.create_connection((there[0], int(there[1]))) as client:
        head = f"POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n"
        head += f"content-type: application/json\r\ncontent-length: {announced}\r\n\r\n"
        client.sendall(head.encode() + b'"' + b"a" * 1000)
        while room.taken == before:
            pass
        yield client


@pytest.mark.parametrize("path", PATHS)
def test_a_body_that_finds_no_room_in_time_is_refused(server: RunningServer, key: str, room: Room, path: str) -> None:
    room.patience = 0.01
    with stalled(server, key, path, 3 * MEBIBYTE, room) as client:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        refused = ask(server.origin, "POST", path, body(2 * MEBIBYTE), headers)
        assert refused.status == 503
        assert refused.error["code"] == "server_is_overloaded"
        assert posted(server, key, path, iter([body(2 * MEBIBYTE)])) == 503  # in chunks
        assert posted(server, key, path, body(MEBIBYTE)) == 400  # takes no room
        client.sendall(b"a" * (3 * MEBIBYTE - 1002) + b'"')
        assert client.recv(12) == b"HTTP/1.1 400"
    while room.taken:
        pass
    assert posted(server, key, path, body(2 * MEBIBYTE)) == 400


@pytest.mark.parametrize("path", PATHS)
def test_a_body_waits_for_the_room_of_those_who_leave(server: RunningServer, key: str, room: Room, path: str) -> None:
    with ThreadPoolExecutor(1) as pool, stalled(server, key, path, 3 * MEBIBYTE, room) as client:
        waits = pool.submit(posted, server, key, path, body(2 * MEBIBYTE))
        while not room.waiting:
            pass
        assert room.taken == 3 * MEBIBYTE
        client.close()
        assert waits.result() == 400


def test_a_body_that_is_larger_than_all_room_may_come_alone(server: RunningServer, key: str, room: Room) -> None:
    assert posted(server, key, PATHS[0], body(5 * MEBIBYTE)) == 400
    while room.taken:
        pass


async def test_room_is_given_in_turn_and_who_gives_up_lets_others_in() -> None:
    room = Room(10, 60)
    assert await room.take(8)
    waits = [asyncio.create_task(room.take(size)) for size in (9, 2)]
    await asyncio.sleep(0)
    assert not any(wait.done() for wait in waits)
    room.patience = 0
    assert not await room.take(1)
    waits[0].cancel()
    await asyncio.wait(waits[:1])
    room.give(0)
    assert await waits[1]
    assert room.taken == 10
