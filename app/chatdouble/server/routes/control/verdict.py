"""The control routes of the verdict."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from typing_extensions import TypedDict

from chatdouble.core.errors import APIError
from chatdouble.server.control.control import Control
from chatdouble.server.routes.api import answered, answered_apart
from chatdouble.server.routes.control.parts import Session, Sessions, Whose, typed_body, value
from chatdouble.verdict.policy import Policy
from chatdouble.verdict.verdict import Verdict

_POLICY: Final = typed_body(
    "The kinds that are errors, warnings or off, and the problems that are allowed.",
    {"off": ["usage_never_asked"], "allow": ["refused: *context length*"]},
    Policy,
)


class SessionPolicy(TypedDict):
    """The policy of a session's verdict.

    Attributes:
        policy: What the session has set; null: nothing.
    """

    policy: Policy | None


Strict = Annotated[bool, Query(description="Whether warnings are errors.")]
Allow = Annotated[
    tuple[str, ...], Query(description="A problem that does not count: a kind, or `kind: pattern of what was found`.")
]


def add(router: APIRouter, control: Control, whose: Whose) -> None:
    """Add the routes to a router."""
    verdicts = control.verdict

    @router.get("/verdict", operation_id="getVerdict", response_model=Verdict)
    async def verdict(
        request: Request, session: Sessions = None, strict: Strict = False, allow: Allow = ()
    ) -> Response:
        """Return the verdict: everything about the session's requests that a green test hides."""
        return await answered_apart(await verdicts(whose(request, session), strict=strict, allow=allow))

    @router.get("/verdict/policy", operation_id="showPolicy", response_model=SessionPolicy)
    async def show(request: Request, session: Session = None) -> Response:
        """Show the policy that the session has set for its verdict."""
        kept = await verdicts.kept(whose(request, session))
        return answered({"policy": kept.model_dump(mode="json", exclude_unset=True) if kept else None})

    @router.put("/verdict/policy", operation_id="setPolicy", response_model=SessionPolicy, openapi_extra=_POLICY)
    async def put(request: Request, session: Session = None) -> Response:
        """Set the policy of the session's verdict."""
        given = await value(request)
        if given is None:
            raise APIError("A policy is an object.", param="policy", code="invalid_policy")
        await verdicts.set_policy(whose(request, session), given)
        return answered({"policy": given})

    @router.delete("/verdict/policy", operation_id="clearPolicy", response_model=SessionPolicy)
    async def delete(request: Request, session: Session = None) -> Response:
        """Reset the policy of the verdict to the server's setting."""
        await verdicts.set_policy(whose(request, session), None)
        return answered({"policy": None})
