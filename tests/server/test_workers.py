"""Several workers on one listener are one double; a worker that dies is replaced."""

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from openai import APIConnectionError, OpenAI

from commands import run as command_here
from redis_servers import RedisServer, redis_server

WORKERS = 4


class Workers:
    """A server with several workers, as a process of its own.

    Attributes:
        process: The supervisor.
        origin: Its address.
    """

    def __init__(self, process: subprocess.Popen[str], origin: str) -> None:
        self.process = process
        self.origin = origin

    def pids(self) -> list[int]:
        """Return the processes of the workers."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [*map(int, listed.split())]

    def client(self, key: str, retries: int = 0) -> OpenAI:
        """Return a client, whose every request may reach another worker."""
        return OpenAI(base_url=f"{self.origin}/v1", api_key=key, max_retries=retries)


@contextmanager
def workers(redis: RedisServer, count: int = WORKERS) -> Generator[Workers]:
    command = [sys.executable, "-m", "chatdouble", "serve", "--port", "0", "--workers", str(count)]
    options = ["--state", redis.url, "--validation", "off"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://[^/]*:(\d+)", process.stdout.readline())
            assert found is not None
            yield Workers(process, f"http://127.0.0.1:{found[1]}")
        finally:
            process.terminate()
            process.wait()


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as started:
        yield started


def _counted(served: Workers) -> float:
    """Return the chat completions that all workers have counted."""
    scraped = httpx2.get(f"{served.origin}/metrics", timeout=60).text
    lines = re.findall(r'seconds_count\{.*route="/chat/completions".*worker="\d"\} (\S+)', scraped)
    return sum(map(float, lines))


def ask(client: OpenAI) -> str:
    made = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello"}])
    return str(made.choices[0].message.content)


pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the workers are found in /proc")


def test_workers_share_a_queue_and_count_together(redis: RedisServer, key: str) -> None:
    with workers(redis) as served:
        replies = [f"reply {number}" for number in range(40)]
        headers = {"authorization": f"Bearer {key}"}
        httpx2.post(f"{served.origin}/_double/queue", json=replies, headers=headers, timeout=60)
        with ThreadPoolExecutor(8) as pool:
            # A client for each request has a connection for each, which any worker may take.
            found = [*pool.map(ask, [served.client(key) for _ in range(40)])]
        assert Counter(found) == Counter(replies)
        counted = _counted(served)
        for _ in range(1000):  # a request is counted when its answer has left
            if counted == 40:
                break
            counted = _counted(served)
        assert counted == 40
    assert served.process.returncode == 0


def test_a_killed_worker_is_replaced_and_loses_no_reply_that_was_not_given(redis: RedisServer, key: str) -> None:
    with workers(redis, 2) as served:
        client = served.client(key, retries=5)
        ask(client)
        for pid in served.pids():
            os.kill(pid, signal.SIGKILL)
        assert ask(client)
        for _ in range(1000):
            if len(served.pids()) == 2:
                break
            ask(client)
        assert len(served.pids()) == 2


def test_a_signal_ends_all_workers_once_their_answers_are_finished(redis: RedisServer, key: str) -> None:
    with workers(redis, 2) as served:
        headers = {"authorization": f"Bearer {key}"}
        pace = {"ttft": 0.5}
        httpx2.put(f"{served.origin}/_double/pace", json=pace, headers=headers, timeout=60).raise_for_status()
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(ask, served.client(key))
            selection = {"count": 1, "timeout": 60}
            httpx2.post(f"{served.origin}/_double/requests/wait", json=selection, headers=headers, timeout=60)
            served.process.send_signal(signal.SIGTERM)
            assert answer.result(60)
        assert served.process.wait(60) == 0
        with pytest.raises(APIConnectionError):
            ask(served.client(key))


def test_workers_end_when_their_supervisor_is_killed(redis: RedisServer) -> None:
    with workers(redis, 2) as served:
        pids = served.pids()
        served.process.kill()
        for pid in pids:
            for _ in range(3000):
                if not is_running(pid):
                    break
                time.sleep(0.01)
            assert not is_running(pid)


def is_running(pid: int) -> bool:
    """Tell whether a process runs; one that has ended may still wait for whoever asks for its exit code."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_workers_that_cannot_be_forked_are_one_line(monkeypatch: pytest.MonkeyPatch, redis: RedisServer) -> None:
    def refuse() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuse)
    done = command_here("serve", "--port", "0", "--state", redis.url, "--workers", "2")
    assert (done.returncode, done.stderr) == (
        2,
        "chatdouble: workers: 2 cannot be started: Resource temporarily unavailable\n",
    )


def test_workers_need_a_shared_state() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chatdouble", "serve", "--workers", "2"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "workers: more than one worker needs a shared state" in done.stderr
