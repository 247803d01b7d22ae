"""Scripts for embeddings and moderations, over the wire."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import OpenAI

from chatdouble.scripts.reading.load import ScriptError, parse
from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import control

SMALL = "text-embedding-3-small"
Scripted = Callable[[str], AbstractContextManager[tuple[RunningServer, OpenAI]]]


@pytest.fixture
def scripted(serve: Serve, tmp_path: Path, key: str) -> Scripted:
    """Return a way to serve a script, with a client of its server."""

    @contextmanager
    def started(text: str) -> Generator[tuple[RunningServer, OpenAI]]:
        (tmp_path / "script.yaml").write_text(text)
        with (
            serve(scripts=(tmp_path,)) as served,
            OpenAI(base_url=served.base_url, api_key=key, max_retries=0) as client,
        ):
            yield served, client

    return started


def vectors(client: OpenAI, text: Any) -> list[list[float]]:
    return [one.embedding for one in client.embeddings.create(model=SMALL, input=text).data]


def said(client: OpenAI, text: str) -> str | None:
    answer = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": text}])
    return answer.choices[0].message.content


def test_a_rule_gives_a_vector_to_every_input(scripted: Scripted) -> None:
    with scripted("- {when: {api: embeddings, user: '*cat*'}, reply: {vector: [1, 0.5]}}") as (_, client):
        assert vectors(client, ["a cat", "a dog"]) == [[1.0, 0.5], [1.0, 0.5]]
        assert len(vectors(client, "a dog")[0]) == 1536


def test_vectors_and_texts_may_be_one_for_each_input(scripted: Scripted) -> None:
    script = """
    - {when: {api: embeddings, user: numbers*}, reply: {vector: [[1], [2]]}}
    - {when: {api: embeddings, user: texts*}, reply: {like: [cat, dog]}}
    """
    with scripted(script) as (_, client):
        assert vectors(client, ["numbers", "b", "c"]) == [[1.0], [2.0], [2.0]]
        assert vectors(client, ["texts", "b", "c"]) == vectors(client, ["cat", "dog", "dog"])


def test_like_is_a_template(scripted: Scripted) -> None:
    with scripted(
        "- {when: {api: embeddings, user: {matches: 'a (?P<animal>kitten)'}}, reply: {like: '{{ match.animal }}'}}"
    ) as (
        _,
        client,
    ):
        assert vectors(client, "a kitten") == vectors(client, "kitten")


def test_conditions_see_the_text_of_tokens_and_the_body_as_sent(scripted: Scripted) -> None:
    script = """
    - {when: {api: embeddings, user: hello world}, reply: {vector: [1]}}
    - {when: {api: embeddings, body: {$.dimensions: 7}}, reply: {vector: [2]}}
    - {when: {api: embeddings, model: '*large'}, reply: {vector: [3]}}
    """
    with scripted(script) as (_, client):
        assert vectors(client, [15339, 1917]) == [[1.0]]
        assert client.embeddings.create(model=SMALL, input="a", dimensions=7).data[0].embedding == [2.0]
        assert client.embeddings.create(model="text-embedding-3-large", input="a").data[0].embedding == [3.0]


def test_a_reply_may_set_fields_of_the_answer(scripted: Scripted) -> None:
    script = "- {when: {api: embeddings}, reply: {vector: [1], model: house-1, usage: {prompt_tokens: 99}}}"
    with scripted(script) as (_, client):
        answer = client.embeddings.create(model=SMALL, input="a")
    assert (answer.model, answer.usage.prompt_tokens, answer.usage.total_tokens) == ("house-1", 99, 1)


def test_a_field_that_the_answer_has_not_is_a_script_error(scripted: Scripted) -> None:
    with (
        scripted("- {when: {api: embeddings}, reply: {vector: [1], service_tier: flex}}") as (_, client),
        pytest.raises(openai.InternalServerError, match="this API's answer has no 'service_tier'"),
    ):
        vectors(client, "a")


def test_rules_without_an_api_are_for_conversations(scripted: Scripted) -> None:
    with scripted("- {reply: Hello}") as (_, client):
        assert len(vectors(client, "a")[0]) == 1536
        assert not client.moderations.create(input="a").results[0].flagged
        assert said(client, "a") == "Hello"


def test_rules_for_one_api_leave_the_others_alone(scripted: Scripted) -> None:
    script = """
    - {when: {api: embeddings}, reply: {vector: [1]}}
    - {when: {api: moderations}, reply: {flags: hate}}
    - {when: {api: chat}, reply: Hello}
    """
    with scripted(script) as (_, client):
        assert vectors(client, "a") == [[1.0]]
        assert client.moderations.create(input="a").results[0].categories.hate
        assert said(client, "a") == "Hello"


def test_flags_set_scores_and_categories(scripted: Scripted) -> None:
    script = """
    - {when: {api: moderations, user: '*threat*'}, reply: {flags: {violence: 0.8, hate: 0.4, harassment: true}}}
    - {when: {api: moderations, user: each*}, reply: {flags: [{violence: 0.5}, {}]}}
    - {when: {api: moderations, user: two}, reply: {flags: [hate, self-harm]}}
    """
    with scripted(script) as (_, client):
        (result,) = client.moderations.create(input="a threat").results
        assert (result.category_scores.violence, result.category_scores.hate) == (0.8, 0.4)
        categories = result.categories
        assert (categories.violence, categories.hate, categories.harassment) == (True, False, True)
        assert [one.flagged for one in client.moderations.create(input=["each", "b"]).results] == [True, False]
        (both,) = client.moderations.create(input="two").results
        assert (both.categories.hate, both.categories.self_harm, both.categories.violence) == (True, True, False)


def test_errors_faults_and_sequences_apply(scripted: Scripted) -> None:
    script = """
    - when: {api: embeddings, user: flaky}
      sequence: [{error: {status: 503}}, {vector: [1]}]
    - {when: {api: embeddings, user: broken}, reply: {fault: malformed_json}}
    """
    with scripted(script) as (_, client):
        with pytest.raises(openai.InternalServerError):
            vectors(client, "flaky")
        assert vectors(client, "flaky") == [[1.0]]
        with pytest.raises((openai.APIError, ValueError)):
            vectors(client, "broken")


def test_a_queued_reply_waits_for_a_request_that_it_fits(scripted: Scripted, key: str) -> None:
    with scripted("- {reply: rule}") as (served, client):
        control(served, key, "POST", "queue", ["Hello", {"vector": [0.5]}, {"flags": "hate"}])
        assert vectors(client, "a") == [[0.5]]
        assert client.moderations.create(input="a").results[0].flagged
        assert said(client, "a") == "Hello"
        assert said(client, "a") == "rule"


def test_a_queued_error_answers_whatever_is_asked_next(scripted: Scripted, key: str) -> None:
    with scripted("- {reply: rule}") as (served, client):
        control(served, key, "POST", "queue", [{"error": 429}])
        with pytest.raises(openai.RateLimitError):
            vectors(client, "a")
        assert said(client, "a") == "rule"


WRONG = [
    ("- {reply: {vector: [1]}}", "need `when: {api: embeddings}`"),
    ("- {when: {api: embeddings}, reply: Hello}", "`text` does not answer embeddings"),
    ("- {when: {api: moderations}, reply: {vector: [1]}}", "`vector` does not answer moderations"),
    ("- {when: {api: chat}, reply: {flags: hate}}", "`flags` does not answer a conversation"),
    ("- {when: {api: embeddings}, reply: {fault: reset, azure: true}}", "`azure`"),
    ("- {when: {api: embeddings}, reply: {vector: []}}", "vector"),
    ("- {when: {api: moderations}, reply: {flags: {rudeness: 1}}}", "flags"),
    ("- {when: {api: moderations}, reply: {flags: {hate: 2}}}", "flags"),
]


@pytest.mark.parametrize(("script", "message"), WRONG)
def test_a_reply_that_cannot_answer_is_a_mistake(script: str, message: str) -> None:
    with pytest.raises(ScriptError) as wrong:
        parse(script, "script.yaml")
    assert message in str(wrong.value)


def test_a_reply_that_turns_out_not_to_fit_is_a_script_error(scripted: Scripted) -> None:
    with (
        scripted("- {when: {api: '*s'}, reply: {vector: [1]}}") as (_, client),
        pytest.raises(openai.InternalServerError, match="`vector` does not answer moderations"),
    ):
        client.moderations.create(input="a")
