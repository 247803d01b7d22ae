"""A client that openapi-python-client generates from /openapi.json makes calls."""

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

BASE_URL = os.environ["OPENAI_BASE_URL"]
ORIGIN = BASE_URL.removesuffix("/v1")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return the package that is generated from the served contract."""
    folder = tmp_path_factory.mktemp("generated")
    contract = folder / "openapi.json"
    contract.write_bytes(httpx.get(f"{ORIGIN}/openapi.json", timeout=60).raise_for_status().content)
    command = [str(Path(sys.executable).parent / "openapi-python-client"), "generate", "--meta", "none"]
    done = subprocess.run(
        [*command, "--path", str(contract), "--output-path", str(folder / "doubled")],
        capture_output=True,
        text=True,
        check=True,
    )
    # It warns of operations that it cannot generate; conditions, which contain themselves, are beyond it.
    warnings = re.findall(r"WARNING parsing (.*) within default", done.stdout + done.stderr)
    assert not warnings, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    return importlib.import_module("doubled")


def test_the_generated_client_lists_models(generated: Any) -> None:
    client = generated.AuthenticatedClient(base_url=BASE_URL, token=os.environ["OPENAI_API_KEY"])
    operation = importlib.import_module("doubled.api.default.list_models")
    found = operation.sync(client=client)
    assert "gpt-5.4-mini" in [model.id for model in found.data]


def test_the_generated_client_creates_a_completion(generated: Any) -> None:
    client = generated.AuthenticatedClient(base_url=BASE_URL, token=os.environ["OPENAI_API_KEY"])
    operation = importlib.import_module("doubled.api.default.create_chat_completion")
    models = importlib.import_module("doubled.models")
    request = {"model": "gpt-5.4-mini", "messages": [{"role": "user", "content": "Hello"}]}
    answer = operation.sync(client=client, body=models.ChatCompletionRequest.from_dict(request))
    assert answer.choices[0].message.content == "Hello"
