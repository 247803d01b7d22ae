"""Responses of an upstream: relayed, recorded and replayed."""

from pathlib import Path
from typing import Any

import openai
import pytest
from openai import OpenAI

from conftest import Serve

KEY = "sk-test"


def both(client: OpenAI) -> tuple[str, str]:
    """Return the texts of a whole answer and of a stream."""
    whole = client.responses.create(model="gpt-4o", input="Hello").output_text
    with client.responses.stream(model="gpt-4o", input="Hello again") as stream:
        return whole, stream.get_final_response().output_text


def test_responses_are_recorded_and_replayed_without_their_upstream(serve: Serve, tmp_path: Path) -> None:
    with (
        serve() as real,
        serve(upstream=real.base_url, recordings=tmp_path, mode="record") as recorder,
        OpenAI(base_url=recorder.base_url, api_key=KEY, max_retries=0) as client,
    ):
        assert both(client) == ("Hello", "Hello again")
    assert len([*tmp_path.glob("**/*.yaml")]) == 2
    with (
        serve(recordings=tmp_path) as player,
        OpenAI(base_url=player.base_url, api_key=KEY, max_retries=0) as client,
    ):
        assert both(client) == ("Hello", "Hello again")
        with pytest.raises(openai.NotFoundError, match="No recording matched"):
            client.responses.create(model="gpt-4o", input="Never recorded")


def test_the_upstream_judges_what_is_relayed(serve: Serve) -> None:
    with (
        serve(models="strict", clock="fixed:2026-09-01T00:00:00Z") as real,
        serve(upstream=real.base_url, mode="passthrough") as relay,
        OpenAI(base_url=relay.base_url, api_key=KEY, max_retries=0) as client,
    ):
        made = client.responses.create(model="gpt-4o", input="Hello")
        assert client.responses.create(model="gpt-4o", input="And?", previous_response_id=made.id).output_text == "And?"
        with pytest.raises(openai.BadRequestError, match="The requested model 'unknown' does not exist"):
            client.responses.create(model="unknown", input="Hello")
        broken: Any = 7
        with pytest.raises(openai.BadRequestError, match="Invalid type for 'input'"):
            client.responses.create(model="gpt-4o", input=broken)


def test_a_reply_of_a_script_may_come_from_the_upstream(serve: Serve, tmp_path: Path) -> None:
    script = tmp_path / "script.yaml"
    script.write_text("- when: {user: relay}\n  reply: {upstream: true}\n- reply: from the script\n")
    with (
        serve() as real,
        serve(scripts=(script,), upstream=real.base_url, mode="passthrough") as relay,
        OpenAI(base_url=relay.base_url, api_key=KEY, max_retries=0) as client,
    ):
        assert client.responses.create(model="gpt-4o", input="relay").output_text == "relay"
        assert client.responses.create(model="gpt-4o", input="other").output_text == "from the script"
