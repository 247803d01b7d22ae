"""Rate limits: headers on every answer, and the API's 429 for requests over a limit."""

from collections.abc import Mapping, Sequence
from functools import partial
from math import ceil
from typing import Any

from chatdouble.backend import Backend, Call, Relay, Reply
from chatdouble.catalogue.model import Model
from chatdouble.core.clock import ALMOST
from chatdouble.core.errors import APIError
from chatdouble.core.head import Pairs, as_texts, duration
from chatdouble.core.json import objects_in
from chatdouble.layers.buckets import IMAGES, MINUTE, LimitSpec, OverError, Plan, State
from chatdouble.layers.overrides import EVERY, of_model, overridden, override_models
from chatdouble.state.overrides import Overrides
from chatdouble.state.session import Session
from chatdouble.validation import refusals


class Limits:
    """A layer that counts requests and tokens per session and model.

    The estimated cost of a request is taken when it arrives; a request over a limit takes nothing.

    Args:
        inner: The backend.
        spec: The limits; a limit that is not set is counted and shown in headers, but never refuses.
        organization: The organization that errors name.
        models: The limits of single models by name or dated name, which replace all of `spec`.
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
        plan = self._plan_for(call.overrides, call.model) if call.overrides.limits or self._plans else self._plan
        if plan.exhausted:
            raise refusals.insufficient_quota()
        tokens, shown = weighed(call.body["messages"])
        if shown and call.model.always_searches:
            where = refusals.at_limit(call.model.id, self._organization, "input-images per min")
            raise refusals.no_images(where, shown)
        take = partial(plan.take, call.services.clock.now(), call.prompt_tokens or tokens)
        try:
            taken: State = await call.session.change_bucket(call.model.snapshot, take)
        except OverError as over:
            call.delivery.rate_limits = plan.headers(over.state)
            raise self._too_much(call, over) from None
        headers = plan.headers(taken)
        # An error in place of an answer has them, too.
        call.delivery.rate_limits = [*_images_headers(shown), *headers] if shown else headers
        reply = await self._inner.reply(call)
        if isinstance(reply, Relay):
            call.delivery.rate_limits = ()
        return reply

    async def count_refused(self, call: Call) -> Pairs:
        """Count a request that validation refused; return the headers with what is left (limits#headers).

        It takes what an answered request would, and nothing where there is no room.
        """
        plan = self._plan_for(call.overrides, call.model) if call.overrides.limits or self._plans else self._plan
        if plan.exhausted:
            return []
        tokens, shown = await call.apart(weighed, objects_in(call.body.get("messages")))
        take = partial(plan.take, call.services.clock.now(), call.prompt_tokens or tokens)
        left: State
        try:
            left = await call.session.change_bucket(call.model.snapshot, take)
        except OverError as over:
            left = over.state
        return [*_images_headers(shown), *plan.headers(left)] if shown else plan.headers(left)

    def left(self, overrides: Overrides, model: Model, held: State, at: float) -> dict[str, str]:
        """Return what is left of a model's limits at a time, as the headers of an answer would tell.

        Args:
            overrides: What the session sets.
            model: The model.
            held: The state of its buckets.
            at: The time.
        """
        plan = self._plan_for(overrides, model)
        return as_texts(plan.headers(plan.now(held, at)))

    def limited(self, overrides: Overrides) -> set[str]:
        """Return the names of the models that have limits of their own."""
        return {*overrides.limits, *self._plans} - {EVERY}

    def _plan_for(self, overrides: Overrides, model: Model) -> Plan:
        """Return the plan of the session, of the model or of the server, whichever is set first."""
        if overrides.limits and (kept := overridden(overrides.limits, model)) is not None:
            return Plan(LimitSpec.model_validate(kept))
        return (of_model(self._plans, model) if self._plans else None) or self._plan

    def _too_much(self, call: Call, over: OverError) -> APIError:
        where = refusals.at_limit(call.model.id, self._organization, over.bucket.name)
        return request_too_large(over, where) if over.asked > over.bucket.size else limit_reached(over, where)


async def set_limits(session: Session, spec: LimitSpec | None, model: str = EVERY) -> None:
    """Set a session's limits, for one model or for every one, and refill all its buckets; None clears them."""
    await session.clear_buckets()
    await override_models(session, "limits", spec, model)


def limit_reached(over: OverError, where: str) -> APIError:
    """Return the API's error for a request that a bucket has no room for now (limits#refusals).

    The wait is computed from whole numbers: the share (used + requested - limit) / limit of the refill time.
    """
    bucket, used = over.bucket, ceil(over.used - ALMOST)
    wait = bucket.refill(used + over.asked - bucket.size)
    return refusals.limit_reached(_over(over, where), wait).with_headers(
        {"retry-after": str(max(1, ceil(wait - ALMOST))), "retry-after-ms": str(ceil(wait * 1000 - ALMOST))}
    )


def request_too_large(over: OverError, where: str) -> APIError:
    """Return the API's error for a request that exceeds a whole bucket; it names no wait (limits#refusals)."""
    return refusals.request_too_large(_over(over, where))


def _over(over: OverError, where: str) -> refusals.OverLimit:
    bucket = over.bucket
    return refusals.OverLimit(where, bucket.kind, bucket.size, ceil(over.used - ALMOST), over.asked)


def weighed(messages: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Return the estimated tokens and the images of a request, which are counted before it is answered.

    Tokens are a quarter of the text's characters, 1 for each message and 1 more (limits#estimate).
    """
    characters = shown = 0
    for message in messages:
        content = message.get("content")
        if isinstance(content, str):
            characters += len(content)
        else:
            parts = objects_in(content)
            characters += sum(len(text) for part in parts if isinstance(text := part.get("text"), str))
            shown += sum(part.get("type") == "image_url" for part in parts)
    return -(-characters // 4) + len(messages) + 1, shown


def _images_headers(shown: int) -> Pairs:
    """Return the headers of the images that a request shows; their limit never refuses (headers#responses)."""
    return [
        (b"x-ratelimit-limit-input-images", b"%d" % IMAGES),
        (b"x-ratelimit-remaining-input-images", b"%d" % max(IMAGES - shown, 0)),
        (b"x-ratelimit-reset-input-images", duration(shown * MINUTE / IMAGES)),
    ]
