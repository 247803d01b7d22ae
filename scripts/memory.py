"""Measure what large requests leave in a server's memory, and print the table of docs/security.md.

A server is started for each kind of request. It gets a plain request first, then the large one several times, each in a
session of its own that is reset afterwards, as a test does. Linux tells the memory (`/proc`).
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

TIMES = 5
CHAT = "/v1/chat/completions"
MEGABYTE = 1024 * 1024


class Trial(NamedTuple):
    """A kind of request.

    Attributes:
        kind: Its description.
        path: Where it is sent.
        body: Makes it.
    """

    kind: str
    path: str
    body: Callable[[], bytes]


def chat(text: str = "Hello!", **more: Any) -> bytes:
    """Return a request for a completion."""
    return json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": text}], **more}).encode()


def many(value: bytes, times: int) -> bytes:
    """Return a request with an unknown key that has many values."""
    return chat()[:-1] + b',"x":[' + b",".join([value] * times) + b"]}"


TRIALS = (
    Trial("60 MB that are no JSON", CHAT, lambda: b"hello " * 10_000_000),
    Trial("a text of 60 MB", CHAT, lambda: chat("hello " * 10_000_000)),
    Trial("an image of 30 MB", CHAT, lambda: chat("data:image/png;base64," + "iVBORw0K" * 3_750_000)),
    Trial("1,900,000 empty objects", CHAT, lambda: many(b"{}", 1_900_000)),
    Trial("4,900,000 numbers", CHAT, lambda: many(b"1.25", 4_900_000)),
    Trial("100,000 empty messages", CHAT, lambda: json.dumps({"model": "gpt-4o", "messages": [{}] * 100_000}).encode()),
    Trial("`n: 128` of 2,000 words", CHAT, lambda: chat("word " * 2_000, n=128)),
    Trial("16,000 words with 20 tops", CHAT, lambda: chat("word " * 16_000, logprobs=True, top_logprobs=20)),
    Trial(
        "2,048 large embeddings",
        "/v1/embeddings",
        lambda: json.dumps({"model": "text-embedding-3-large", "input": ["hello there"] * 2048}).encode(),
    ),
    Trial("a queued reply of 60 MB", "/_double/queue", lambda: json.dumps(["x" * 60_000_000]).encode()),
)


class Server:
    """A server in a process.

    Args:
        port: Its port.
        pid: The process's id.
    """

    def __init__(self, port: int, pid: int) -> None:
        self._port = port
        self._process = Path(f"/proc/{pid}")

    def ask(self, path: str, body: bytes, key: str = "sk-memory") -> None:
        """Send a request and read its answer."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=300)
        connection.request("POST", path, body, {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
        connection.getresponse().read()
        connection.close()

    def memory(self, name: str = "VmRSS") -> int:
        """Return what Linux says of the memory, in MiB."""
        found = re.search(rf"^{name}:\s+(\d+) kB", (self._process / "status").read_text(), re.MULTILINE)
        return int(found[1]) // 1024 if found else 0

    def forget_peak(self) -> None:
        """Begin to look for the most memory anew."""
        (self._process / "clear_refs").write_text("5")


@contextmanager
def served() -> Iterator[Server]:
    """Run a server."""
    command = [sys.executable, "-m", "chatdouble", "serve", "--port", "0"]
    with subprocess.Popen(  # noqa: S603 - this server
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            announced = re.search(r":(\d+)/v1", process.stdout.readline() if process.stdout else "")
            yield Server(int(announced[1]) if announced else 0, process.pid)
        finally:
            process.terminate()


def measured(trial: Trial) -> str:
    """Return the row of a trial."""
    with served() as server:
        server.ask(CHAT, chat())
        server.ask("/_double/queue", b'["Hello!"]')
        server.ask(CHAT, chat())
        before = server.memory()
        server.forget_peak()
        body = trial.body()
        after: list[int] = []
        for _ in range(TIMES):
            server.ask(trial.path, body)
            server.ask("/_double/reset", b"")
            time.sleep(1)  # a thread frees what was large
            after.append(server.memory())
        return f"| {trial.kind} | {before} | {server.memory('VmHWM')} | {after[0]} | {after[-1]} |"


def main() -> None:
    """Print the table."""
    print(f"| request | before | most | after one | after {TIMES} |\n| --- | --- | --- | --- | --- |")
    for trial in TRIALS:
        print(measured(trial), flush=True)


if __name__ == "__main__":
    main()
