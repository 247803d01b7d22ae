"""Answers in words: what the user said, what was received, what the tools returned."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from chatdouble.answer.directives import without_directives
from chatdouble.answer.draft import Draft
from chatdouble.backend import Call
from chatdouble.core.json import as_object, objects_in
from chatdouble.schema.completion import Annotation
from chatdouble.schema.texts import last_of_user, last_user_text, messages_of, text_of

Body = Mapping[str, Any]

_RESULTS: Final = frozenset({"tool", "function"})
_PARTS: Final = {"image_url": "image", "input_audio": "audio clip", "file": "file"}


def words(body: Body) -> str:
    """Return the answer in words.

    After results of tools it quotes them. Else it is the last user message's text without its marks; for a
    message without text, what was received; and with no user message at all the last message's text.

    Args:
        body: The request as it was sent.
    """
    messages = messages_of(body)
    if messages and messages[-1].get("role") in _RESULTS:
        told = ((_caller(body, result), text_of(result.get("content"))) for result in results_of(body))
        return "\n".join(f"{caller} returned: {text}" for caller, text in told)
    asked = last_of_user(messages) or (messages[-1] if messages else {})
    content = asked.get("content")
    return without_directives(text_of(content)) or _received(content)


def since_last_user(body: Body) -> list[dict[str, Any]]:
    """Return the messages after the last one of the user; all if there is none."""
    messages = messages_of(body)
    places = [place for place, message in enumerate(messages) if message.get("role") == "user"]
    return messages[places[-1] + 1 :] if places else messages


def results_of(body: Body) -> list[dict[str, Any]]:
    """Return the results of tools that the conversation ends with, in order."""
    results: list[dict[str, Any]] = []
    for message in reversed(messages_of(body)):
        if message.get("role") not in _RESULTS:
            break
        results.insert(0, message)
    return results


def _caller(body: Body, result: Mapping[str, Any]) -> str:
    """Return the name of the tool whose result a message is."""
    if result.get("role") == "function":
        return str(result.get("name"))
    asked = result.get("tool_call_id")
    for message in messages_of(body):
        for made in objects_in(message.get("tool_calls")):
            if made.get("id") == asked:
                return str(as_object(made.get("function") or made.get("custom")).get("name"))
    return "The tool"


def _received(content: Any) -> str:
    counts = Counter(_PARTS[kind] for part in objects_in(content) if (kind := str(part.get("type"))) in _PARTS)
    listed = [f"{count} {name}{'s' if count > 1 else ''}" for name, count in counts.items()]
    return f"I received {_and(listed)}." if listed else ""


def _and(listed: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(listed[:-1]), listed[-1]) if part)


_SITE: Final = "example.com"
_LONGEST: Final = 60


def searches(call: Call) -> bool:
    """Say whether a call searches the web: its model does, or it has `web_search_options`."""
    return call.body.get("web_search_options") is not None or call.model.always_searches


def cited(call: Call, draft: Draft) -> Draft:
    """Return a draft whose text cites a page it was "found" on, for a call that searches the web.

    The text ends with a link in parentheses, `([example.com](https://example.com/...))`, whose characters the
    citation's indices span. Drafts without text, and those that cite already, stay as they are.

    Args:
        call: The call to answer.
        draft: What to say.
    """
    if not draft.content or draft.annotations:
        return draft
    asked = " ".join(last_user_text(call.body).split())[:_LONGEST] or "search"
    slug = re.sub(r"[^a-z0-9]+", "-", asked.lower()).strip("-") or "search"
    url = f"https://{_SITE}/{slug}?utm_source=openai"
    link = f"([{_SITE}]({url}))"
    start = len(draft.content) + 1
    note: Annotation = {
        "type": "url_citation",
        "url_citation": {"end_index": start + len(link), "start_index": start, "title": asked, "url": url},
    }
    return replace(draft, content=f"{draft.content} {link}", annotations=[note])
