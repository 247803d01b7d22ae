"""The peers: how each is installed, and how it is told to answer a fixed text."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from bench.payloads import KEY, TEXT
from bench.process import HOST, Spec

FOLDER: Final = Path(__file__).parent / ".peers"
_PATIENCE: Final = 300


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer.

    Attributes:
        name: Its name in the results.
        registry: Where it comes from.
        package: The package, with its version.
        config: The name and the content of its configuration's file, if it needs one; JSON is YAML, too.
        words: Its command line, given its port and its configuration's file.
        environ: Variables it needs, given its port.
        delays: What it waits between the chunks of a stream and cannot be told not to.
    """

    name: str
    registry: Literal["npm", "pypi"]
    package: str
    words: Callable[[int, Path], Sequence[str | Path]]
    config: tuple[str, Any] | None = None
    environ: Callable[[int], dict[str, str]] = field(default=lambda _: {})
    delays: str = ""

    @property
    def folder(self) -> Path:
        """Where it is installed and started."""
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
        "@copilotkit/aimock@1.43.0",
        lambda port, file: (["llmock", f"--port={port}", f"--fixtures={file}", "--chunk-size=5", "--log-level=silent"]),
        ("fixtures.json", {"fixtures": [{"match": {}, "response": {"content": TEXT}}]}),
    ),
    Peer(
        "mock-llm",
        "npm",
        "@dwmkerr/mock-llm@0.1.29",
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
        "openai-mock-api@0.4.0",
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
        "mocktopus==0.2.0",
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
        "llmock==0.2.2",
        lambda port, _: (
            ["llmock", "serve", f"--port={port}", "--log-level=error", "--response-style=echo", "--tool-mode=off"]
        ),
    ),
    Peer(
        "fakellm",
        "pypi",
        "fakellm==0.3.5",
        lambda port, file: ["fakellm", "serve", "--port", str(port), "--config", file],
        ("fakellm.yaml", {"version": 1, "rules": [{"name": "any", "when": {}, "respond": {"content": TEXT}}]}),
        delays="10 ms",
    ),
    Peer(
        "stubllm",
        "pypi",
        "stubllm==0.1.5",
        lambda port, file: ["stubllm", "serve", "--port", str(port), "--fixture-file", file, "--log-level", "error"],
        (
            "fixtures.yaml",
            {"fixtures": [{"name": "any", "match": {}, "response": {"content": TEXT, "stream_chunk_delay_ms": 0}}]},
        ),
    ),
)


def install(peer: Peer) -> None:
    """Install a peer into its folder, once for each version.

    Raises:
        RuntimeError: It cannot be installed; the message says why.
    """
    mark = peer.folder / ".installed"
    if mark.exists() and mark.read_text("utf-8") == peer.package:
        return
    peer.folder.mkdir(parents=True, exist_ok=True)
    if peer.registry == "npm":
        _run(["npm", "install", "--no-audit", "--no-fund", "--prefix", ".", peer.package], peer.folder)
    else:
        _run([sys.executable, "-m", "venv", "."], peer.folder)
        _run(["bin/pip", "install", "--quiet", "--disable-pip-version-check", peer.package], peer.folder)
    mark.write_text(peer.package, "utf-8")


def _run(command: Sequence[str], folder: Path) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
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
