"""Rate limits: headers on every answer, and the API's 429 for requests over a limit."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from chatdouble.backend import Backend, Call, Relay, Reply
from chatdouble.catalogue.model import Model
from chatdouble.core.clock import ALMOST
from chatdouble.core.errors import APIError
from chatdouble.core.head import Pairs, as_texts, duration, duration_of
from chatdouble.core.json import objects_in
from chatdouble.layers.buckets import (
    ADVERTISED,
    DAY,
    IMAGES,
    MINUTE,
    Bucket,
    Kind,
    LimitSpec,
    OverError,
    State,
    limit_reached,
    request_too_large,
)
from chatdouble.layers.overrides import EVERY, of_model, overridden, override_models
from chatdouble.state.overrides import Overrides
from chatdouble.state.session import Session
from chatdouble.validation.wording import refusals


class Plan:
    """The buckets of one model: those that are set, and of a kind without any one that only counts.

    Attributes:
        exhausted: Whether the quota is used up, so that the buckets do not matter.
        buckets: Requests before tokens, minutes before days; the first that is over is the one reported.
    """

    def __init__(self, spec: LimitSpec) -> None:
        requests = _buckets("requests", spec.requests_per_minute, spec.requests_per_day)
        tokens = _buckets("tokens", spec.tokens_per_minute, spec.tokens_per_day)
        self.exhausted = spec.quota_exhausted
        self.buckets = (*requests, *tokens)
        self._rows = [(bucket, bucket.size, bucket.rate, bucket.kind == "requests") for bucket in self.buckets]
        self._unused = [0.0] * (len(self.buckets) + 1)
        self._requests, self._requests_at = requests[-1], len(requests)
        self._tokens, self._tokens_at = tokens[-1], len(requests) + len(tokens)
        self._sizes: Pairs = [
            (b"x-ratelimit-limit-requests", b"%d" % self._requests.size),
            (b"x-ratelimit-limit-tokens", b"%d" % self._tokens.size),
        ]

    def now(self, held: State | None, at: float) -> State:
        """Return the state as it is at a time, refilled since its last look; None: nothing is used."""
        return self.take(at, 0, held, requests=0)

    def take(self, at: float, tokens: int, held: State | None, requests: int = 1) -> State:
        """Return the state once a request of so many tokens has come at a time.

        Raises:
            OverError: A bucket that refuses cannot hold it; one that only counts is never more than full.
        """
        if held is None or len(held) != len(self.buckets) + 1:
            held = self._unused
        since = held[0]
        elapsed = at - since if at > since else 0.0
        state = [max(since, at)]
        # To check that they are as many takes a third more.
        for (bucket, size, rate, is_requests), spent in zip(self._rows, held[1:]):  # noqa: B905
            used = spent - elapsed * rate
            if used < 0:
                used = 0.0
            asked = requests if is_requests else tokens
            after = used + asked
            if after > size:
                if bucket.refuses and after > size + ALMOST:
                    raise OverError(bucket, used, asked, self.now(held, at))
                after = size
            state.append(after)
        return state

    def headers(self, state: State) -> Pairs:
        """Return the six headers; a day's limit goes before a minute's, as in the recorded 429 (limits#headers)."""
        requests, tokens = self._requests, self._tokens
        requests_used, tokens_used = state[self._requests_at], state[self._tokens_at]
        requests_left, tokens_left = requests.size - requests_used + ALMOST, tokens.size - tokens_used + ALMOST
        requests_wait = int(requests_used * requests.seconds / requests.size * 1000 + ALMOST)
        tokens_wait = int(tokens_used * tokens.seconds / tokens.size * 1000 + ALMOST)
        return [
            *self._sizes,
            (b"x-ratelimit-remaining-requests", b"%d" % requests_left if requests_left > 0 else b"0"),
            (b"x-ratelimit-remaining-tokens", b"%d" % tokens_left if tokens_left > 0 else b"0"),
            (b"x-ratelimit-reset-requests", duration_of(requests_wait)),
            (b"x-ratelimit-reset-tokens", duration_of(tokens_wait)),
        ]


def _buckets(kind: Kind, per_minute: int | None, per_day: int | None) -> list[Bucket]:
    letter = kind[0].upper()
    rows = (
        (f"{kind} per min ({letter}PM)", per_minute, MINUTE),
        (f"{kind} per day ({letter}PD)", per_day, DAY),
    )
    found = [Bucket(kind, name, size, seconds) for name, size, seconds in rows if size is not None]
    return found or [Bucket(kind, "", ADVERTISED[kind], MINUTE, refuses=False)]


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
