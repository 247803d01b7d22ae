"""A replica that is killed takes its open answers with it, and nothing else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from openai import APIConnectionError, OpenAI

from chatdouble.settings import Settings
from chatdouble.testing.server import running
from held import elsewhere
from processes import serving_alone
from redis_servers import RedisServer, redis_server


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as started:
        yield started


def said(base_url: str, key: str) -> str:
    with OpenAI(base_url=base_url, api_key=key, max_retries=0, timeout=60) as client:
        made = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "next"}])
        return str(made.choices[0].message.content)


def test_a_killed_replica_leaves_the_session_as_it_had_acknowledged_it(redis: RedisServer, key: str) -> None:
    with running(Settings(state=redis.url)) as kept, serving_alone("--state", redis.url) as killed:

        def control(method: str, path: str, body: Any = None) -> Any:
            headers = {"authorization": f"Bearer {key}"}
            asked = httpx2.request(method, f"{kept.origin}/_double/{path}", headers=headers, json=body, timeout=60)
            return asked.raise_for_status().json() if asked.content else None

        control("POST", "queue", ["one", "two", "three"])
        assert said(killed.base_url, key) == "one"
        control("PUT", "gates/door", {"timeout": 60})
        with elsewhere(said, killed.base_url, key) as held:
            assert len(control("POST", "gates/door/wait", {"timeout": 60})["waiting"]) == 1
            killed.process.kill()
            with pytest.raises(APIConnectionError):
                held.result(60)
        assert control("GET", "gates/door")["waiting"] == []
        control("DELETE", "gates/door")
        assert said(kept.base_url, key) == "three"  # the second reply was taken by the answer that broke off
        entries = control("GET", "requests")["data"]
        assert [(entry["ordinal"], entry["ended"]) for entry in entries] == [(1, "completed"), (3, "completed")]
