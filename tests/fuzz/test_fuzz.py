"""Requests of every kind to every route in every mode: no crash, every refusal an envelope, nobody else disturbed."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running
from fuzz.judging import complaint
from fuzz.requests import Request, Route, requests, routes_of, sent
from fuzz.seeds import SCRIPT
from raw import chat, control


class Running(NamedTuple):
    """A server to send to."""

    server: RunningServer
    routes: list[Route]


PLAIN = "sk-test"
"""The key of the client that only ever asks for a plain completion."""
FUZZ = "sk-fuzz"
"""The key of all other requests to a server that has a list of keys."""
MODES: dict[str, dict[str, Any]] = {
    "strict": {"validation": "strict"},
    "lenient": {"validation": "lenient"},
    "off": {"validation": "off"},
    "script": {"validation": "strict", "scripts": True},
    "script, off": {"validation": "off", "scripts": True},
    "replay": {"mode": "replay", "recordings": True},
    "record": {"mode": "record", "recordings": True, "upstream": True},
    "passthrough": {"mode": "passthrough", "upstream": True},
    "keys": {"api_keys": [PLAIN, FUZZ], "control_key": "sk-control"},
}
"""The settings of each mode; True stands for a script, a folder of recordings, an upstream."""


@pytest.fixture(scope="module", params=MODES, ids=str)
def running_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Run a server in each mode."""
    folder = tmp_path_factory.mktemp("fuzz")
    given: dict[str, Any] = dict(MODES[request.param])
    with ExitStack() as stack:
        above = stack.enter_context(running())
        if "scripts" in given:
            given["scripts"] = [folder / "script.yaml"]
            (folder / "script.yaml").write_text(SCRIPT)
        if "recordings" in given:
            given["recordings"] = folder
            _record(folder, above)
        if "upstream" in given:
            given["upstream"] = above.base_url
        server = stack.enter_context(running(Settings(**given)))
        yield Running(server, routes_of(server.app.api.openapi()))


def _record(folder: Path, above: RunningServer) -> None:
    with running(Settings(mode="record", recordings=folder, upstream=above.base_url)) as served:
        for said in ("Hello!", "{{ 7 * 7 }} {% for %}"):
            assert chat(served.origin, messages=[{"role": "user", "content": said}]).status == 200


def test_every_answer_is_one_that_the_api_or_the_control_gives(
    running_server: Running, pytestconfig: pytest.Config
) -> None:
    keys = count()

    @settings(
        max_examples=int(str(pytestconfig.getoption("--fuzz"))),
        derandomize=True,
        database=None,
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example),
    )
    @given(st.lists(requests(running_server.routes), min_size=1, max_size=4))
    def run(batch: list[Request]) -> None:
        origin = running_server.server.origin
        key = f"sk-fuzz-{next(keys)}"
        if running_server.server.app.settings.api_keys:
            key = FUZZ  # what an earlier batch has set, such as a gate, would hold this one
            control(running_server.server, key, "POST", "reset")
        overridden = False
        for request in batch:
            overridden = overridden or request.is_control
            answer = sent(origin, request, key)
            wrong = complaint(answer, overridden=overridden and not request.is_control)
            assert wrong is None, f"{wrong}: {request} {answer}"
        assert chat(origin, PLAIN).status == 200

    run()
