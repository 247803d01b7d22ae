"""Answers to web searches have a link, and a citation of it."""

from typing import Any

import pytest

from calls import call
from chatdouble.answer.compose import compose
from chatdouble.answer.draft import Draft
from chatdouble_backends.echo import Echo
from chatdouble_backends.echo.words import cited


@pytest.mark.parametrize("request_", [{"model": "gpt-4o-search-preview"}, {"web_search_options": {}}])
@pytest.mark.parametrize("asked", ["What's the weather in Paris?", "?", "\N{SNOWMAN} " * 50])
async def test_the_citation_spans_the_link(request_: dict[str, Any], asked: str) -> None:
    asking = call(messages=asked, **request_)
    made = await compose(asking, [cited(asking, Draft(content="It is \N{SNOWMAN}."))])
    message = made["choices"][0]["message"]
    (note,) = message.get("annotations") or []
    citation = note["url_citation"]
    assert message["content"] is not None
    link = message["content"][citation["start_index"] : citation["end_index"]]
    assert link == f"([example.com]({citation['url']}))"
    assert list(citation) == ["end_index", "start_index", "title", "url"]


async def test_the_id_of_a_search_answer_is_a_uuid() -> None:
    made = await compose(call(model="gpt-4o-search-preview"), [Draft(content="Hello")])
    assert len(made["id"]) == len("chatcmpl-") + 36


@pytest.mark.parametrize("draft", [Draft(refusal="No."), Draft(content="")])
def test_a_draft_without_text_gets_no_citation(draft: Draft) -> None:
    assert cited(call(model="gpt-4o-search-preview"), draft) is draft


@pytest.mark.parametrize(
    ("fields", "notes"), [({}, 0), ({"model": "gpt-4o-search-preview"}, 1), ({"web_search_options": {}}, 1)]
)
async def test_a_call_searches_because_of_its_model_or_its_options(fields: dict[str, Any], notes: int) -> None:
    made: Any = await Echo().reply(call(messages="Hello", **fields))
    assert len(made["choices"][0]["message"]["annotations"]) == notes
