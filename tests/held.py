"""Answers that stop at gates, and the control of them, for tests over real sockets."""

from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from openai import OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from chatdouble.testing.server import RunningServer
from raw import control

WORDS = "one two three four"
"""The text that the tests' clients send; its stream has a chunk for the role, for each word, and for the end."""


class Double:
    """A server as one test uses it: the official client, and the control of its session.

    Args:
        server: The server.
        key: The test's key.
    """

    def __init__(self, server: RunningServer, key: str) -> None:
        self.server, self.key = server, key
        self.client = OpenAI(base_url=server.base_url, api_key=key, max_retries=0)

    def put(self, name: str = "g", **gate: Any) -> Any:
        """Set a gate."""
        return control(self.server, self.key, "PUT", f"gates/{name}", gate)

    def show(self, name: str = "g") -> Any:
        """Return a gate."""
        return control(self.server, self.key, "GET", f"gates/{name}")

    def do(self, verb: str, name: str = "g", **given: Any) -> Any:
        """Wait at a gate, for long enough on a busy machine; release or abort what it holds."""
        patient = {"timeout": 25} if verb == "wait" else {}
        return control(self.server, self.key, "POST", f"gates/{name}/{verb}", patient | given)

    def control(self, method: str, path: str, body: object = None) -> Any:
        """Ask the control."""
        return control(self.server, self.key, method, path, body)

    def entry(self) -> dict[str, Any]:
        """Return the session's last journal entry that has ended."""
        ended = [one for one in self.control("GET", "requests")["data"] if one["ended"] != "in flight"]
        last: dict[str, Any] = ended[-1]
        return last

    def stream(self, text: str = WORDS, **more: Any) -> Iterator[ChatCompletionChunk]:
        """Ask for a stream, and return it when its head has arrived."""
        create: Any = self.client.chat.completions.create
        asked: Iterator[ChatCompletionChunk] = create(model="gpt-4o", messages=_said(text), stream=True, **more)
        return asked

    def say(self, text: str = WORDS, **more: Any) -> ChatCompletion:
        """Ask for a whole answer."""
        create: Any = self.client.chat.completions.create
        said: ChatCompletion = create(model="gpt-4o", messages=_said(text), **more)
        return said


def _said(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def texts(chunks: Iterator[ChatCompletionChunk]) -> list[str]:
    """Return the texts of chunks, read to their end."""
    return [chunk.choices[0].delta.content or "" for chunk in chunks]


@contextmanager
def elsewhere(run: Any, *given: Any, **more: Any) -> Generator["Future[Any]"]:
    """Run something in another thread; it has to end before the context does."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(run, *given, **more)
