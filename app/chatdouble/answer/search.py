"""Answers of models that search the web: a link in the text, and the citation that points at it."""

import re
from dataclasses import replace
from typing import Final

from chatdouble.answer.draft import Draft
from chatdouble.answer.texts import last_user_text
from chatdouble.backend import Call
from chatdouble.schema.completion import Annotation

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
