"""Answers in text: the user's text, the results of tools, or the media that was received."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from chatdouble.answer.draft import Draft
from chatdouble.backend import Call
from chatdouble.core.json import as_object, objects_in
from chatdouble.schema.completion import Annotation
from chatdouble.schema.texts import last_of_user, last_user_text, messages_of, text_of, without_directives

_RESULTS: Final = frozenset({"tool", "function"})
_PARTS: Final = {"image_url": "image", "input_audio": "audio clip", "file": "file"}


def words(body: Mapping[str, Any]) -> str:
    """Return the answer in text.

    It quotes the results of tools if the conversation ends with them. Otherwise it is the text of the last user
    message without its directives, or of the last message if no message is the user's. For a message without text it
    lists the media in the message.

    Args:
        body: The request as it was sent.
    """
    messages = messages_of(body)
    if messages and messages[-1].get("role") in _RESULTS:
        results = ((_caller(body, result), text_of(result.get("content"))) for result in results_of(body))
        return "\n".join(f"{caller} returned: {text}" for caller, text in results)
    asked = last_of_user(messages) or (messages[-1] if messages else {})
    content = asked.get("content")
    return without_directives(text_of(content)) or _received(content)


def results_of(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the results of tools at the end of the conversation, in order."""
    results: list[dict[str, Any]] = []
    for message in reversed(messages_of(body)):
        if message.get("role") not in _RESULTS:
            break
        results.append(message)
    return results[::-1]


def _caller(body: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """Return the name of the tool that a result is of."""
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


def cited(call: Call, draft: Draft) -> Draft:
    """Return a draft with a citation, for a call that searches the web.

    The text gets a link in parentheses at its end, `([example.com](https://example.com/...))`, and the citation's
    indices span the link. Drafts without text or with citations are returned unchanged.

    Args:
        call: The call to answer.
        draft: The draft.
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
