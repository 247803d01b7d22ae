"""The modes of the upstream backend: who answers and who validates."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletionMessageParam

from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import Answer, ask, chat
from upstreams import (
    COMPLETION,
    JSON,
    PATH,
    SAYS_JSON,
    answering,
    counting,
    recording,
    recording_names,
    relaying,
    upstream,
)


def test_the_mode_decides_who_answers_and_what_is_recorded(serve: Serve, tmp_path: Path) -> None:
    with upstream(counting()) as above:

        def asked(mode: str) -> Answer:
            with serve(upstream=above.base_url, mode=mode, recordings=tmp_path) as served:
                return chat(served.origin)

        assert asked("replay").status == 404
        assert asked("passthrough").body == b'{"n": 1}'
        assert recording_names(tmp_path) == []
        assert asked("record").body == b'{"n": 2}'
        assert asked("record").body == asked("replay").body == b'{"n": 2}'
        assert asked("rerecord").body == b'{"n": 3}'
        assert asked("replay").body == b'{"n": 3}'
        assert asked("passthrough").body == b'{"n": 4}'
        assert asked("replay").body == b'{"n": 3}'
    assert len(recording_names(tmp_path)) == 1


def test_replay_never_calls_the_upstream(tmp_path: Path) -> None:
    with recording(tmp_path, counting(), "replay") as (above, served):
        assert chat(served.origin).status == 404
    assert above.received == []


def test_a_session_or_a_request_can_set_its_own_mode(tmp_path: Path) -> None:
    headers = {"content-type": "application/json"}
    body = b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "x"}]}'
    with recording(tmp_path, counting(), "replay", allow_mode_header=True) as (_above, served):

        def asked(key: str, **more: str) -> Answer:
            sent = headers | {"authorization": f"Bearer {key}"} | more
            return ask(served.origin, "POST", PATH, body, sent)

        asyncio.run(served.app.control.mode("sk-a", "record"))
        assert asked("sk-b").status == 404
        assert asked("sk-a").body == asked("sk-b").body == b'{"n": 1}'
        assert asked("sk-b", **{"x-double-mode": "passthrough"}).body == b'{"n": 2}'
        assert asked("sk-a", **{"x-double-mode": "replay"}).body == b'{"n": 1}'
        wrong = asked("sk-a", **{"x-double-mode": "Replay"})
    assert (wrong.status, wrong.error["code"]) == (400, "invalid_mode")


def test_a_mode_whose_options_are_missing_is_refused(serve: Serve, tmp_path: Path) -> None:
    with serve(recordings=tmp_path) as served:
        asyncio.run(served.app.control.mode("sk-test", "passthrough"))
        answer = chat(served.origin)
    assert (answer.status, answer.error["code"]) == (400, "mode_not_available")
    assert "--upstream URL" in answer.error["message"]


def test_requests_are_validated_in_replay_and_otherwise_left_to_the_upstream(tmp_path: Path) -> None:
    with recording(tmp_path, counting(), "replay") as (above, served):
        refused = chat(served.origin, temperature=17)
        assert (refused.status, refused.error["param"]) == (400, "temperature")
        asyncio.run(served.app.control.mode("sk-test", "record"))
        assert chat(served.origin, temperature=17).status == 200
    assert len(above.received) == 1


def test_requests_that_are_not_json_reach_the_upstream() -> None:
    bodies = (
        b"",
        b"{",
        b"[1]",
        b'{"messages": 7}',
        b'{"model": 5, "tools": ["x"]}',
        b'{"model":"m","new":1,"messages":[]}',
    )
    with upstream(answering(418, JSON, b"no")) as above, relaying(above, models="strict") as served:
        for body in bodies:
            for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
                headers = {**SAYS_JSON, "content-type": kind}
                answer = ask(served.origin, "POST", PATH, body, headers)
                assert (answer.status, answer.body) == (418, b"no")
                assert above.received[-1].body == body
                assert above.received[-1].header("content-type") == kind


@pytest.mark.parametrize("validation", ["lenient", "off"])
def test_only_explicit_strict_validation_precedes_the_upstream(validation: str) -> None:
    with upstream(answering(200, JSON, COMPLETION)) as above:
        with relaying(above, validation=validation) as served:
            assert chat(served.origin, temperature=17).status == 200
        with relaying(above, validation="strict") as served:
            assert chat(served.origin, temperature=17).status == 400
    assert len(above.received) == 1


def test_the_official_client_notices_no_difference(
    serve: Serve, server: RunningServer, client_of: Callable[[RunningServer], OpenAI]
) -> None:
    with serve(upstream=server.base_url, mode="passthrough") as served, client_of(served) as client:
        messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "one two three"}]
        whole = client.chat.completions.create(model="gpt-4o", messages=messages)
        assert whole.choices[0].message.content == "one two three"
        with client.chat.completions.stream(model="gpt-4o", messages=messages) as stream:
            assert stream.get_final_completion().choices[0].message.content == "one two three"


def test_the_official_client_reads_recordings_as_it_read_the_upstream(
    serve: Serve, tmp_path: Path, server: RunningServer, client_of: Callable[[RunningServer], OpenAI]
) -> None:
    def all_of(served: RunningServer) -> list[object]:
        with client_of(served) as client:
            whole = client.chat.completions.create(
                model="gpt-4o", messages=[{"role": "user", "content": "one two"}], n=2, logprobs=True, top_logprobs=2
            )
            with client.chat.completions.stream(
                model="gpt-4o",
                messages=[{"role": "user", "content": "one two"}],
                stream_options={"include_usage": True},
            ) as stream:
                return [whole, stream.get_final_completion()]

    with serve(upstream=server.base_url, mode="record", recordings=tmp_path) as served:
        first = all_of(served)
    with serve(recordings=tmp_path) as served:
        assert all_of(served) == first


def test_scripts_can_fall_back_to_recordings(serve: Serve, tmp_path: Path) -> None:
    script = tmp_path / "script.yaml"
    script.write_text("- {when: {user: ping}, reply: pong}\n- {when: {user: up}, reply: {upstream: true}}\n")
    folder = tmp_path / "recordings"
    with (
        upstream(counting()) as above,
        serve(
            scripts=(script,), unmatched="upstream", upstream=above.base_url, mode="record", recordings=folder
        ) as served,
    ):
        asked = (("ping", "sk-test"), ("up", "sk-test"), ("x", "sk-test"), ("x", "sk-another"))
        said = [chat(served.origin, key, messages=[{"role": "user", "content": text}]) for text, key in asked]
    assert [answer.body for answer in said[1:]] == [b'{"n": 1}', b'{"n": 2}', b'{"n": 2}']
    assert len(recording_names(folder)) == 2


async def test_many_recorders_and_replayers_at_once(serve: Serve, tmp_path: Path, server: RunningServer) -> None:
    async def said(client: AsyncOpenAI, text: str) -> str | None:
        answer = await client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": text}])
        return answer.choices[0].message.content

    settings = {"upstream": server.base_url, "mode": "record", "recordings": tmp_path}
    texts = [f"number {index % 10}" for index in range(60)]
    with serve(**settings) as one, serve(**settings) as other:
        async with (
            AsyncOpenAI(base_url=one.base_url, api_key="sk-one", max_retries=0) as first,
            AsyncOpenAI(base_url=other.base_url, api_key="sk-other", max_retries=0) as second,
        ):
            calls = [said(client, text) for text in texts for client in (first, second)]
            assert await asyncio.gather(*calls) == [text for text in texts for _ in range(2)]
    assert len(recording_names(tmp_path)) == 10


SETTINGS = {
    "no URL": ({"upstream": "nonsense", "mode": "passthrough"}, "upstream: not a base URL"),
    "half a URL": ({"upstream": "http://x:port/v1", "mode": "passthrough"}, "upstream: not a base URL"),
    "another scheme": ({"upstream": "ftp://x/v1", "mode": "passthrough"}, "upstream: not a base URL"),
    "a password": ({"upstream": "http://a:hidden@x/v1", "mode": "passthrough"}, "upstream: a password in the URL"),
    "nothing to replay": (
        {"upstream": "http://x/v1"},
        "--recordings FOLDER; to relay without recordings, add --mode passthrough",
    ),
    "nowhere to record": ({"upstream": "http://x/v1", "mode": "record"}, "mode: record needs --recordings FOLDER"),
    "nothing to record": ({"backend": "upstream", "mode": "record"}, "needs --upstream URL and --recordings FOLDER"),
    "no folder": ({"recordings": "/nowhere/at/all"}, "recordings: no such folder: /nowhere/at/all"),
}


@pytest.mark.parametrize(("settings", "said"), SETTINGS.values(), ids=SETTINGS)
def test_unusable_settings_are_refused_on_start(serve: Serve, settings: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said) as refused, serve(**settings):
        pass
    assert "hidden" not in str(refused.value)
