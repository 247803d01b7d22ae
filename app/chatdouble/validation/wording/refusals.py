"""The API's errors that do not depend on a field of the request: key, quota, limits, content filter, load."""

from typing import Any, Final, NamedTuple

from chatdouble.core.errors import APIError
from chatdouble.core.head import duration

_VISIT: Final = "Visit https://platform.openai.com/account/rate-limits to learn more."
_SHOWN_WHOLE: Final = 12


class OverLimit(NamedTuple):
    """A request that is over a rate limit.

    Attributes:
        where: The model, the organization and the limit, as messages name them; `at_limit` makes it.
        kind: The unit, `requests` or `tokens`, which is also the error's `type`.
        limit: The limit.
        used: The amount that is used.
        requested: The amount that the request needs.
    """

    where: str
    kind: str
    limit: int
    used: int
    requested: int


def at_limit(model: str, organization: str, limit: str) -> str:
    """Return the part of a message that names a model, an organization and a limit."""
    return f"for {model} in organization {organization} on {limit}"


def masked(key: str) -> str:
    """Return a key as the real API's 401 shows it (errors#keys): 12 characters or fewer whole, else 8 + stars + 4."""
    if len(key) <= _SHOWN_WHOLE:
        return key
    return f"{key[:8]}{'*' * (len(key) - _SHOWN_WHOLE)}{key[-4:]}"


def invalid_api_key(key: str) -> APIError:
    """Return the error of a wrong key (errors#keys)."""
    return APIError(
        f"Incorrect API key provided: {masked(key)}. "
        "You can find your API key at https://platform.openai.com/account/api-keys.",
        status=401,
        code="invalid_api_key",
    )


def limit_reached(over: OverLimit, wait: float) -> APIError:
    """Return the error of a request that fits a limit again after some seconds (limits#refusals)."""
    return _over(
        over.kind,
        f"Rate limit reached {over.where}: Limit {over.limit}, Used {over.used}, Requested {over.requested}. "
        f"Please try again in {duration(wait).decode()}. {_VISIT}",
    )


def request_too_large(over: OverLimit) -> APIError:
    """Return the error of a request that is larger than a limit; it names no wait (limits#refusals)."""
    return _over(
        over.kind,
        f"Request too large {over.where}: Limit {over.limit}, Requested {over.requested}. "
        f"The input or output tokens must be reduced in order to run successfully. {_VISIT}",
    )


def no_images(where: str, shown: int) -> APIError:
    """Return the error of images for a model that reads none (limits#refusals)."""
    return _over("input-images", f"Request too large {where}: Limit 0, Requested {shown}. {_VISIT}")


def _over(kind: str, message: str) -> APIError:
    return APIError(message, status=429, type=kind, code="rate_limit_exceeded")


def insufficient_quota() -> APIError:
    """Return the error of an account without credit, which the SDKs retry all the same (limits#quota)."""
    return APIError(
        "You exceeded your current quota, please check your plan and billing details. For more information on "
        "this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.",
        status=429,
        type="insufficient_quota",
        code="insufficient_quota",
    )


def overloaded() -> APIError:
    """Return the error of too much load (errors#statuses)."""
    return APIError(
        "The engine is currently overloaded, please try again later",
        status=503,
        type="service_unavailable_error",
        code="server_is_overloaded",
    )


FILTERED: Final = {"filtered": True, "severity": "medium"}
"""The result of a category in which Azure's content filter found something (errors#azure)."""


def filter_results(*found: str) -> dict[str, Any]:
    """Return the results of Azure's content filter, which found something in the named categories (errors#azure)."""
    clean = {"filtered": False, "severity": "safe"}
    categories = ("hate", "self_harm", "sexual", "violence")
    return {name: dict(FILTERED if name in found else clean) for name in categories}


def prompt_filter_results(*found: str) -> dict[str, Any]:
    """Return the results of Azure's content filter for a prompt, sorted by name (errors#azure)."""
    results = {**filter_results(*found), "jailbreak": {"filtered": False, "detected": False}}
    return dict(sorted(results.items()))


class ContentFilterError(APIError):
    """A prompt that Azure's content filter refused: the envelope has no type, and the results (errors#azure)."""

    def __init__(self) -> None:
        super().__init__(
            "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please "
            "modify your prompt and retry. To learn more about our content filtering policies please read our "
            "documentation: https://go.microsoft.com/fwlink/?linkid=2198766",
            type="",
            param="prompt",
            code="content_filter",
        )

    def envelope(self) -> Any:
        """Return the body of the error response."""
        refused = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": prompt_filter_results("violence")}
        inside: Any = super().envelope()["error"]
        more = {"type": self.type or None, "status": self.status, "innererror": refused}
        return {"error": {**inside, **more}}
