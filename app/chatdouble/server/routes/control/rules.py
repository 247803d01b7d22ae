"""The control routes of rules."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response

from chatdouble.core.json import encode_indented
from chatdouble.server.control.control import Control
from chatdouble.server.routes.api import answered
from chatdouble.server.routes.control.parts import Sessions, Whose, value

_RULE: Final = {"type": "object", "description": "A rule as scripts have it."}
_POSITION: Final = {"enum": ["first", "last"], "description": "Whether it is tried before or after all other rules."}
_EXAMPLE: Final = {"when": {"user": "*weather*"}, "reply": "Rain."}

RuleId = Annotated[str, Path(description="The rule's id, or its name.", examples=["added_rule_1"])]


def _body(description: str, example: object, properties: dict[str, Any], *required: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, **({"required": [*required]} if required else {})}
    content = {"schema": schema, "example": example}
    return {
        "requestBody": {
            "description": description,
            "required": bool(required),
            "content": {"application/json": content},
        }
    }


_ADD: Final = _body(
    "The rule, and whether it is tried first or last.",
    {"rule": _EXAMPLE, "position": "first"},
    {"rule": _RULE, "position": _POSITION},
    "rule",
)
_CHANGE: Final = _body(
    "What changes; null removes a key of the rule.",
    {"disabled": True},
    {"rule": _RULE, "position": _POSITION, "disabled": {"type": "boolean"}},
)
_SAVE: Final = _body("The file's name.", {"name": "weather"}, {"name": {"type": "string"}})


def add(router: APIRouter, control: Control, whose: Whose) -> None:
    """Add the routes to a router."""

    @router.get("/rules", operation_id="listRules")
    async def listed(request: Request, session: Sessions = None) -> Response:
        """List all rules in the order in which they are tried, with file, line, hits and the state of sequences."""
        return _whole({"object": "list", "data": await control.rules.all(whose(request, session))})

    @router.post("/rules", operation_id="addRule", openapi_extra=_ADD)
    async def post(request: Request, session: Sessions = None) -> Response:
        """Add a rule for the session, or for all sessions."""
        return _whole(await control.rules.add(whose(request, session), value(await request.body())))

    @router.post("/rules/save", operation_id="saveRules", openapi_extra=_SAVE)
    async def save(request: Request, session: Sessions = None) -> Response:
        """Save the rules that were added as a script file in the folder of `--save-rules`."""
        raw = await request.body()
        return answered(await control.rules.save(whose(request, session), value(raw) if raw.strip() else {}))

    _add_one(router, control, whose)


def _add_one(router: APIRouter, control: Control, whose: Whose) -> None:
    """Add the routes of a single rule."""

    @router.get("/rules/{rule:path}", operation_id="getRule")
    async def get(request: Request, rule: RuleId, session: Sessions = None) -> Response:
        """Get a rule."""
        return _whole(await control.rules.get(whose(request, session), rule))

    @router.put("/rules/{rule:path}", operation_id="replaceRule", openapi_extra=_ADD)
    async def put(request: Request, rule: RuleId, session: Sessions = None) -> Response:
        """Replace a rule that was added; it keeps its counts."""
        return _whole(await control.rules.replace(whose(request, session), rule, value(await request.body())))

    @router.patch("/rules/{rule:path}", operation_id="changeRule", openapi_extra=_CHANGE)
    async def patch(request: Request, rule: RuleId, session: Sessions = None) -> Response:
        """Disable a rule, that of a file too, or enable it again; change the position or keys of one that was added."""
        raw = await request.body()
        return _whole(await control.rules.change(whose(request, session), rule, value(raw) if raw.strip() else {}))

    @router.delete("/rules/{rule:path}", operation_id="deleteRule")
    async def delete(request: Request, rule: RuleId, session: Sessions = None) -> Response:
        """Delete a rule that was added."""
        return answered({"id": await control.rules.delete(whose(request, session), rule), "deleted": True})


def _whole(body: Any) -> Response:
    """Return a response of any rule; scripts may have integers of more than 64 bits."""
    return Response(encode_indented(body) + b"\n", media_type="application/json")
