"""The libraries people reach the API through, each against the live server, in interpreters of their own."""

import os
import subprocess
from pathlib import Path
from typing import Final

import pytest

from chatdouble.testing.server import RunningServer

HERE: Final = Path(__file__).parent
APART: Final = {"litellm": ".venv-litellm", "openapi_client": ".venv-openapi-client"}
CLIENTS: Final = sorted(path.stem.removeprefix("check_") for path in HERE.glob("clients/check_*.py"))


@pytest.mark.parametrize("name", CLIENTS)
def test_this_client_works(server: RunningServer, name: str) -> None:
    python = HERE / APART.get(name, ".venv-clients") / "bin" / "python"
    if not python.exists() and "CI" not in os.environ:
        pytest.skip("not installed: `make ecosystem` installs and runs these")
    environ = os.environ | {
        "OPENAI_BASE_URL": server.base_url,
        "OPENAI_API_KEY": f"sk-{name}",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LANGSMITH_TRACING": "false",
    }
    ran = subprocess.run(
        [python, "-m", "pytest", "-q", "-c", HERE / "clients.ini", HERE / "clients" / f"check_{name}.py"],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
