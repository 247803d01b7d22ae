"""An error as a script words it; apart from other replies, since the fault `error` needs no more of them."""

from typing import Any, ClassVar

from pydantic import Field, NonNegativeFloat

from chatdouble.script.spec import INTEGER, Spec


class ErrorSpec(Spec):
    """An error in the API's envelope. A number is its status.

    Attributes:
        status: The HTTP status.
        message: Its words, a template; None: what the API says with this status.
        type: The envelope's `type`; None: the API's with this status.
        param: The envelope's `param`.
        code: The envelope's `code`; None: the API's with this status, unless the type was set.
        headers: Further response headers; templates.
        retry_after: Seconds for `retry-after` (whole, rounded up) and `retry-after-ms`.
    """

    SHORT: ClassVar[tuple[dict[str, Any], ...]] = (INTEGER,)

    status: int = Field(default=500, ge=400, le=599)
    message: str | None = None
    type: str | None = None
    param: str | None = None
    code: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    retry_after: NonNegativeFloat | None = None

    @classmethod
    def short(cls, given: Any) -> Any:
        """Take a number as the status."""
        return {"status": given} if isinstance(given, int) else given
