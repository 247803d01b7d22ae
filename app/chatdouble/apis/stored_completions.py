"""Stored completions: what `store: true` keeps, and the operations on it.

See endpoints#stored.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from chatdouble.backend import Call
from chatdouble.core.clock import Clock
from chatdouble.core.json_in_steps import size_in_steps
from chatdouble.schema.completion import Completion
from chatdouble.schema.texts import text_of
from chatdouble.state.session import Session
from chatdouble.validation.wording import requests

Order = Literal["asc", "desc"]

_DEFAULTS: Final[Mapping[str, Any]] = {
    "top_p": 1.0,
    "temperature": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
}
_NULL_PARTS: Final[Mapping[str, Any]] = {"tool_calls": None, "function_call": None}


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list.

    Attributes:
        after: The id after which it begins, if any.
        limit: How many items at most.
        order: Oldest (`asc`) or newest (`desc`) first.
    """

    after: str | None = None
    limit: int = 20
    order: Order = "asc"


@dataclass(frozen=True, slots=True)
class Stored:
    """The operations on stored completions.

    Attributes:
        clock: Dates made-up completions.
        any_id: Whether an id that was never stored is answered too, with a completion made up for it.
    """

    clock: Clock
    any_id: bool = False

    async def get(self, session: Session, completion_id: str) -> dict[str, Any]:
        """Return a stored completion.

        Raises:
            APIError: 404: the session has none of this id.
        """
        shown: dict[str, Any] = (await self._find(session, completion_id))["completion"]
        return shown

    async def page(
        self, session: Session, page: Page, model: str | None = None, metadata: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Return a list object of stored completions.

        Args:
            session: The session.
            page: The part of the list.
            model: Only those of this model, by name or dated name.
            metadata: Only those that have all of these pairs.
        """
        kept = [one["completion"] for one in await session.all_stored("completion")]
        found = [one for one in kept if _fits(one, model, metadata or {})]
        return listed(found, page)

    async def messages(self, session: Session, completion_id: str, page: Page) -> dict[str, Any]:
        """Return a list object of the messages that a stored completion answered.

        Raises:
            APIError: 404: there is no such completion.
        """
        return listed((await self._find(session, completion_id))["messages"], page)

    async def update(self, session: Session, completion_id: str, metadata: Mapping[str, str] | None) -> dict[str, Any]:
        """Replace a stored completion's metadata and return it.

        Raises:
            APIError: 404: there is no such completion.
        """
        kept = await self._find(session, completion_id)
        changed = {**kept, "completion": {**kept["completion"], "metadata": dict(metadata or {})}}
        await session.store("completion", completion_id, changed, await asyncio.to_thread(size_in_steps, changed))
        shown: dict[str, Any] = changed["completion"]
        return shown

    async def delete(self, session: Session, completion_id: str) -> dict[str, Any]:
        """Forget a stored completion.

        Raises:
            APIError: 404: there is no such completion.
        """
        await self._find(session, completion_id)
        await session.store("completion", completion_id, None)
        return {"object": "chat.completion.deleted", "id": completion_id, "deleted": True}

    async def _find(self, session: Session, completion_id: str) -> dict[str, Any]:
        kept = await session.stored("completion", completion_id)
        if kept is not None:
            return kept
        if self.any_id:
            return self._made_up(completion_id)
        raise requests.no_completion(completion_id)

    def _made_up(self, completion_id: str) -> dict[str, Any]:
        message = {"content": "", "refusal": None, "role": "assistant", **_NULL_PARTS}
        return {
            "completion": {
                "object": "chat.completion",
                "id": completion_id,
                "model": "gpt-4o-2024-08-06",
                "created": int(self.clock.now()),
                **_DEFAULTS,
                "metadata": {},
                "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
            },
            "messages": [],
        }


async def keep(call: Call, completion: Completion) -> None:
    """Keep the answer of a call that asked for it with `store: true`."""
    is_long = call.delivery.is_long or call.is_large
    kept, size = await call.in_thread(_kept, call, completion) if is_long else _kept(call, completion)
    await call.session.store("completion", completion["id"], kept, size)


def _kept(call: Call, completion: Completion) -> tuple[dict[str, Any], int]:
    """Return what is kept of an answer, and its bytes."""
    kept = {"completion": _shown(call, completion), "messages": _messages(call, completion["id"])}
    return kept, size_in_steps(kept)


def _shown(call: Call, completion: Completion) -> dict[str, Any]:
    """Return the stored object; keys and their order are those of the documented examples (endpoints#objects)."""
    body = call.body
    made: dict[str, Any] = {
        "object": "chat.completion",
        "id": completion["id"],
        "model": completion["model"],
        "created": completion["created"],
        "request_id": call.id,
        "tool_choice": body.get("tool_choice"),
        "usage": completion.get("usage"),
        "seed": body.get("seed"),
        **{name: body.get(name) if body.get(name) is not None else value for name, value in _DEFAULTS.items()},
        "system_fingerprint": completion.get("system_fingerprint"),
        "input_user": body.get("user"),
        "service_tier": completion.get("service_tier"),
        "tools": body.get("tools"),
        "metadata": body.get("metadata") or {},
        "choices": [
            {**choice, "message": {**_NULL_PARTS, **choice["message"]}, "logprobs": choice.get("logprobs")}
            for choice in completion["choices"]
        ],
        "response_format": body.get("response_format"),
    }
    return made


def _messages(call: Call, completion_id: str) -> list[dict[str, Any]]:
    """Return the request's messages in their own roles, as the documented example has them (endpoints#messages)."""
    return [
        {
            "id": f"{completion_id}-{index}",
            **message,
            "content": _text(message.get("content")),
            "name": message.get("name"),
            "content_parts": message["content"] if isinstance(message.get("content"), list) else None,
        }
        for index, message in enumerate(call.body["messages"])
    ]


def _text(content: Any) -> str | None:
    return None if content is None else text_of(content)


def _fits(completion: dict[str, Any], model: str | None, metadata: Mapping[str, str]) -> bool:
    made_by: str = completion["model"]
    pairs: dict[str, str] = completion["metadata"]
    same_model = model is None or made_by == model or made_by.startswith(f"{model}-20")
    return same_model and metadata.items() <= pairs.items()


def listed(items: Sequence[dict[str, Any]], page: Page) -> dict[str, Any]:
    """Return a list object of a page of items, which are in the order of time."""
    ordered = list(items) if page.order == "asc" else list(reversed(items))
    ids = [item["id"] for item in ordered]
    # An unknown `after` begins an empty page: nothing comes after what is not there.
    start = 0 if page.after is None else ids.index(page.after) + 1 if page.after in ids else len(ids)
    shown = ordered[start : start + page.limit]
    return {
        "object": "list",
        "data": shown,
        "first_id": shown[0]["id"] if shown else "",
        "last_id": shown[-1]["id"] if shown else "",
        "has_more": start + page.limit < len(ordered),
    }
