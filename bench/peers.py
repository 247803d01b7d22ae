"""The peers: the installation of each, and its configuration for a fixed answer."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from bench.payloads import KEY, TEXT
from bench.process import HOST, Spec

FOLDER: Final = Path(__file__).parent / ".peers"
_ROOT: Final = Path(__file__).parents[1]
_LOCKS: Final = _ROOT / "requirements" / "peers"
_PATIENCE: Final = 300


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer.

    Attributes:
        name: Its name in the results.
        registry: The registry it is installed from; its lock in requirements/peers is of that kind.
        config: The name and the content of its configuration's file, if it needs one; JSON is YAML, too.
        words: Its command line, given its port and its configuration's file.
        environ: Variables it needs, given its port.
        delays: The wait between the chunks of a stream, which no setting removes.
    """

    name: str
    registry: Literal["npm", "pypi"]
    words: Callable[[int, Path], Sequence[str | Path]]
    config: tuple[str, Any] | None = None
    environ: Callable[[int], dict[str, str]] = field(default=lambda _: {})
    delays: str = ""

    @property
    def folder(self) -> Path:
        """The folder it is installed and started in."""
        return FOLDER / self.name

    def spec(self) -> Spec:
        """Write its configuration and return how to start it."""
        file = self.folder
        if self.config:
            file /= self.config[0]
            file.write_text(json.dumps(self.config[1]), "utf-8")
        return Spec(self.name, lambda port: self._command(port, file), self.environ, folder=self.folder)

    def _command(self, port: int, file: Path) -> list[str | Path]:
        program, *words = self.words(port, file)
        installed = "node_modules/.bin" if self.registry == "npm" else "bin"
        return [self.folder / installed / program, *words]


_WHOLE_ANSWER: Final = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-4o",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 200, "completion_tokens": 200, "total_tokens": 400},
    }
)

PEERS: Final = (
    Peer(
        "aimock",
        "npm",
        lambda port, file: (["llmock", f"--port={port}", f"--fixtures={file}", "--chunk-size=5", "--log-level=silent"]),
        ("fixtures.json", {"fixtures": [{"match": {}, "response": {"content": TEXT}}]}),
    ),
    Peer(
        "mock-llm",
        "npm",
        lambda _, file: ["mock-llm", "--config", file],
        (
            "mock-llm.yaml",
            {
                "streaming": {"chunkSize": 5, "chunkIntervalMs": 0},
                "rules": [
                    {
                        "path": "/v1/chat/completions",
                        "match": "@",
                        "response": {"status": 200, "content": _WHOLE_ANSWER},
                    }
                ],
            },
        ),
        lambda port: {"HOST": HOST, "PORT": str(port)},
        delays="a timer of 1 ms",
    ),
    Peer(
        "openai-mock-api",
        "npm",
        lambda port, file: ["openai-mock-api", "--config", file, "--port", str(port), "--log-file", "/dev/null"],
        (
            "config.yaml",
            {
                "apiKey": KEY,
                "responses": [
                    {
                        "id": "any",
                        "messages": [{"role": "user", "matcher": "any"}, {"role": "assistant", "content": TEXT}],
                    }
                ],
            },
        ),
        delays="50 ms",
    ),
    Peer(
        "mocktopus",
        "pypi",
        lambda port, file: ["mocktopus", "serve", "--scenario", file, "--port", str(port)],
        (
            "scenario.yaml",
            {
                "version": 1,
                "rules": [{"type": "llm.openai", "when": {"model": "*"}, "respond": {"content": TEXT}}],
            },
        ),
        delays="20 ms",
    ),
    Peer(
        "llmock",
        "pypi",
        lambda port, _: (
            ["llmock", "serve", f"--port={port}", "--log-level=error", "--response-style=echo", "--tool-mode=off"]
        ),
    ),
    Peer(
        "fakellm",
        "pypi",
        lambda port, file: ["fakellm", "serve", "--port", str(port), "--config", file],
        ("fakellm.yaml", {"version": 1, "rules": [{"name": "any", "when": {}, "respond": {"content": TEXT}}]}),
        delays="10 ms",
    ),
    Peer(
        "stubllm",
        "pypi",
        lambda port, file: ["stubllm", "serve", "--port", str(port), "--fixture-file", file, "--log-level", "error"],
        (
            "fixtures.yaml",
            {"fixtures": [{"name": "any", "match": {}, "response": {"content": TEXT, "stream_chunk_delay_ms": 0}}]},
        ),
    ),
)


def install(peer: Peer) -> None:
    """Install what a peer's lock names into its folder, once for each version.

    Raises:
        RuntimeError: It cannot be installed; the message says why.
    """
    if peer.registry == "npm":
        peer.folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_LOCKS / peer.name / name, peer.folder)
        _run([_ROOT / "scripts" / "install-node", peer.folder])
    else:
        _run([_ROOT / "scripts" / "install", peer.folder, _LOCKS / f"{peer.name}.txt"])


def _run(command: Sequence[str | Path]) -> None:
    try:
        done = subprocess.run(
            command,
            env=os.environ | {"PYTHON": sys.executable},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RuntimeError(f"{command[0]}: {error}") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise RuntimeError(f"{command[0]}: {said[-1] if said else f'exit code {done.returncode}'}")
