"""A process that has imported what programs of the tests need, and runs each in a fork; `warm` starts it.

Its argument is the descriptor of the socket at which it takes requests. It ends when its standard input does.
"""

import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Final, NoReturn

from openai import OpenAI

from chatdouble.testing import double

PRELOADED: Final = (
    "chatdouble.cli.main",
    "chatdouble.cli.record",
    "chatdouble.pytest.plugin",
    "chatdouble.pytest.servers",
    "chatdouble_backends.auto",
    "pytest",
    "pytest_asyncio.plugin",
)


def preload() -> None:
    """Import what programs need, some of it by use: much is imported when it is first wanted."""
    for name in PRELOADED:
        import_module(name)
    with double() as served, OpenAI(base_url=served.base_url, api_key=served.key) as client:
        served.reply("Hello!")
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello!"}])
    gc.freeze()  # no program looks for garbage in what was imported, which would copy all of it


def serve(listener: socket.socket) -> None:
    """Run a program for each connection, until standard input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that watch
    while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            watch(connection)
        connection.close()


def watch(connection: socket.socket) -> NoReturn:
    """Run the program that a connection asks for, pass signals on to it, and answer how it ended."""
    head, streams, _, _ = socket.recv_fds(connection, 4, 3)
    asked = json.loads(connection.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL))
    program = get_context("fork").Process(target=run, kwargs={**asked, "streams": streams})
    program.start()
    for stream in streams:
        os.close(stream)
    Thread(target=_pass_on, args=(connection, program.pid), daemon=True).start()
    program.join()
    with suppress(OSError):  # nobody waits for it any more
        connection.sendall((program.exitcode or 0).to_bytes(4, "big", signed=True))
    os._exit(0)


def _pass_on(connection: socket.socket, program: int) -> None:
    """Send a program the signals that arrive, and end it with the process that asked for it."""
    with suppress(OSError):
        while number := connection.recv(1):
            os.kill(program, number[0])
        os.kill(program, signal.SIGKILL)


def run(words: Sequence[str], folder: str, variables: Mapping[str, str], streams: Sequence[int]) -> None:
    """Do what Python does with the words of a command line: `-c CODE`, `-m MODULE` or a file, `-P` before it."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = open(0, encoding="utf-8")  # noqa: SIM115 - for as long as the program runs
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - it may be a pipe now
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    safe = words[0] == "-P"
    option, *rest = words[safe:]
    named = option in {"-c", "-m"}
    if not safe:
        sys.path.insert(0, folder if named else str(Path(option).parent))
    sys.argv = [option, *rest[1:]] if named else [option, *rest]
    if option == "-c":
        sys.modules["__main__"] = main = ModuleType("__main__")
        exec(compile(rest[0], "<string>", "exec"), vars(main))  # noqa: S102 - as Python does
    elif option == "-m":
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    else:
        runpy.run_path(option, run_name="__main__")


if __name__ == "__main__":
    preload()
    serve(socket.socket(fileno=int(sys.argv[1])))
