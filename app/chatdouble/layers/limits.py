"""Rate limits: every answer tells what is left, and what goes over a limit that is set gets the API's 429."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, Final

from chatdouble.answer.shapes import objects_in
from chatdouble.backend import Backend, Call, Relay, Reply
from chatdouble.delivery import Pairs
from chatdouble.durations import ALMOST, duration
from chatdouble.errors import APIError
from chatdouble.layers.buckets import IMAGES, MINUTE, Bucket, LimitSpec, OverError, Plan, State
from chatdouble.layers.own import EVERY, of_model, own, set_own
from chatdouble.store import Store
from chatdouble.wire.headers import as_texts

_KEPT: Final = "limits"
_COUNTED: Final = "limits "
"""What the names of a session's buckets begin with; the model's name follows."""

VISIT: Final = "Visit https://platform.openai.com/account/rate-limits to learn more."


class Limits:
    """A layer that counts requests and tokens per session and model.

    What a request is estimated to cost is taken when it comes; a request that is refused takes nothing.

    Args:
        inner: What answers.
        spec: The limits; a limit that is not set is told and counted but never refuses.
        organization: The organization that errors name.
        models: The limits of single models, by name or dated name, in place of all of these.
    """

    def __init__(
        self, inner: Backend, spec: LimitSpec, organization: str, models: Mapping[str, LimitSpec] | None = None
    ) -> None:
        self._inner = inner
        self._organization = organization
        self._plan = Plan(spec)
        self._plans = {name: Plan(of_one) for name, of_one in (models or {}).items()}

    async def reply(self, call: Call) -> Reply:
        """Answer a call; an upstream's answer keeps the headers it came with.

        Raises:
            APIError: 429: a limit is reached, the request is larger than a limit, or the quota is used up.
        """
        headers = await self._admit(call, self._plan_of(call))
        try:
            reply = await self._inner.reply(call)
        except APIError as error:
            error.headers = {**as_texts(headers), **error.headers}
            raise
        if not isinstance(reply, Relay):
            call.delivery.rate_limits = headers
        return reply

    def _plan_of(self, call: Call) -> Plan:
        kept = own(call, _KEPT) if _KEPT in call.own else None
        if kept is not None:
            return Plan(LimitSpec.model_validate(kept))
        return (of_model(self._plans, call.model) if self._plans else None) or self._plan

    async def _admit(self, call: Call, plan: Plan) -> Pairs:
        """Take what a call costs and return the headers that tell of it."""
        if plan.exhausted:
            raise insufficient_quota()
        shown = 0 if call.plain else sum(map(_images, call.messages))
        if shown and call.model.always_searches:
            raise _no_images(f"for {call.model.id} in organization {self._organization}", shown)
        store, name, tokens = call.services.store, f"{_COUNTED}{call.model.snapshot}", estimate(call.messages)
        at = call.services.clock.now()
        held: State | None = call.own.get(name)
        while True:
            try:
                taken = plan.take(held, at, tokens)
            except OverError as over:
                raise self._too_much(call, over, as_texts(plan.headers(over.state))) from None
            if await store.swap(call.session, name, held, taken):
                return [*_images_headers(shown), *plan.headers(taken)]
            held = await store.get(call.session, name)

    def _too_much(self, call: Call, over: OverError, headers: dict[str, str]) -> APIError:
        where = f"for {call.model.id} in organization {self._organization} on {over.bucket.name}"
        too_large = over.asked > over.bucket.size
        error = request_too_large(over, where) if too_large else limit_reached(over, where)
        return error.with_headers({**headers, **error.headers})


async def set_limits(store: Store, session: str, spec: LimitSpec | None, model: str = EVERY) -> None:
    """Give a session limits of its own, for one model or for every one, and count anew; None takes them away."""
    for counted in await store.names(session, _COUNTED):
        await store.put(session, counted, None)
    await set_own(store, session, _KEPT, spec, model)


def limit_reached(over: OverError, where: str) -> APIError:
    """Return the API's no to what a bucket has no room for now (reference 5.3, wire 7).

    The wait is what whole numbers give: (used + requested - limit) of the time in which the limit refills.
    """
    bucket, used = over.bucket, ceil(over.used - ALMOST)
    wait = bucket.refill(used + over.asked - bucket.size)
    return _limit_error(
        bucket,
        f"Rate limit reached {where}: Limit {bucket.size}, Used {used}, Requested {over.asked}. "
        f"Please try again in {duration(wait).decode()}. {VISIT}",
        {"retry-after": str(max(1, ceil(wait - ALMOST))), "retry-after-ms": str(ceil(wait * 1000 - ALMOST))},
    )


def request_too_large(over: OverError, where: str) -> APIError:
    """Return the API's no to what a bucket could never hold; no wait is named, since none helps (wire 7)."""
    return _limit_error(
        over.bucket,
        f"Request too large {where}: Limit {over.bucket.size}, Requested {over.asked}. "
        f"The input or output tokens must be reduced in order to run successfully. {VISIT}",
        {},
    )


def insufficient_quota() -> APIError:
    """Return the API's no to an account without money; the SDKs retry it all the same (reference 5.4)."""
    return APIError(
        "You exceeded your current quota, please check your plan and billing details. For more information on "
        "this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.",
        status=429,
        type="insufficient_quota",
        code="insufficient_quota",
    )


def estimate(messages: Sequence[Mapping[str, Any]]) -> int:
    """Return the tokens that a request is counted with before it is answered.

    A quarter of the text's characters, one for each message and one more (wire 5.5, the best fit since mid-2025).
    """
    characters = 0
    for message in messages:
        content = message.get("content")
        characters += len(content) if isinstance(content, str) else _characters(content)
    return -(-characters // 4) + len(messages) + 1


def _no_images(where: str, shown: int) -> APIError:
    """Return the API's no to images for a model that searches, which reads none (errors-2.jsonl)."""
    return APIError(
        f"Request too large {where} on input-images per min: Limit 0, Requested {shown}. {VISIT}",
        status=429,
        type="input-images",
        code="rate_limit_exceeded",
    )


def _images_headers(shown: int) -> Pairs:
    """Return the headers of the images that a request shows, if any; their limit never refuses (wire 6)."""
    if not shown:
        return []
    return [
        (b"x-ratelimit-limit-input-images", b"%d" % IMAGES),
        (b"x-ratelimit-remaining-input-images", b"%d" % max(IMAGES - shown, 0)),
        (b"x-ratelimit-reset-input-images", duration(shown * MINUTE / IMAGES)),
    ]


def _images(message: Mapping[str, Any]) -> int:
    content = message.get("content")
    return 0 if isinstance(content, str) else sum(part.get("type") == "image_url" for part in objects_in(content))


def _characters(parts: Any) -> int:
    texts = (part.get("text") for part in objects_in(parts))
    return sum(len(text) for text in texts if isinstance(text, str))


def _limit_error(bucket: Bucket, message: str, headers: dict[str, str]) -> APIError:
    error = APIError(message, status=429, type=bucket.kind, code="rate_limit_exceeded")
    return error.with_headers(headers)
