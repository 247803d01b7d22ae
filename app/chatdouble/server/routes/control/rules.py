"""The control routes of rules."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from typing_extensions import TypedDict

from chatdouble.scripts.format.change import RuleChange, RuleToAdd, SavedFile
from chatdouble.server.control.control import Control
from chatdouble.server.control.findings import Findings
from chatdouble.server.control.imported_rules import Imported
from chatdouble.server.control.rule_list import ShownRule
from chatdouble.server.control.rules import Saved
from chatdouble.server.routes.api import answered, answered_apart
from chatdouble.server.routes.control.parts import Sessions, Whose, has_body, typed_body, value

_EXAMPLE: Final = {"when": {"user": "*weather*"}, "reply": "Rain."}
_ADD: Final = typed_body(
    "The rule, and whether it is tried first or last.", {"rule": _EXAMPLE, "position": "first"}, RuleToAdd
)
_CHANGE: Final = typed_body("What changes; null removes a key of the rule.", {"disabled": True}, RuleChange)
_SAVE: Final = typed_body("The file's name; omit it for the session's.", {"name": "weather"}, SavedFile, required=False)
_IMPORT: Final = {
    "requestBody": {
        "description": "The file: a script, a recording, an HTTP archive, a VCR cassette, or fixtures of another tool.",
        "required": True,
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary"},
                "example": "- when: {user: '*weather*'}\n  reply: Rain.\n",
            }
        },
    }
}

FileName = Annotated[str, Query(description="The file's name, for messages.", max_length=200)]
RuleId = Annotated[str, Path(description="The rule's id, or its name.", examples=["added_rule_1"])]


class RuleList(TypedDict):
    """The rules of a session, or of all sessions.

    Attributes:
        object: `list`.
        data: The rules in the order in which they are tried.
    """

    object: Literal["list"]
    data: list[ShownRule]


class DeletedRule(TypedDict):
    """A rule that was deleted.

    Attributes:
        id: Its id.
        deleted: True.
    """

    id: str
    deleted: Literal[True]


def add(router: APIRouter, control: Control, whose: Whose) -> None:
    """Add the routes to a router."""

    @router.get("/rules", operation_id="listRules", response_model=RuleList)
    async def listed(request: Request, session: Sessions = None) -> Response:
        """List all rules in the order in which they are tried, with file, line, hits and the state of sequences."""
        return await answered_apart({"object": "list", "data": await control.rules.all(whose(request, session))})

    @router.get("/lint", operation_id="lintRules", response_model=Findings)
    async def lint(request: Request, session: Sessions = None) -> Response:
        """List the mistakes in the rules that are in force, such as rules that are never reached."""
        return answered(await control.rules.findings(whose(request, session)))

    @router.post("/rules", operation_id="addRule", response_model=ShownRule, openapi_extra=_ADD)
    async def post(request: Request, session: Sessions = None) -> Response:
        """Add a rule for the session, or for all sessions."""
        return await answered_apart(await control.rules.add(whose(request, session), await value(request)))

    @router.post("/rules/save", operation_id="saveRules", response_model=Saved, openapi_extra=_SAVE)
    async def save(request: Request, session: Sessions = None) -> Response:
        """Save the rules that were added as a script file in the folder of `--save-rules`."""
        given: Any = await value(request) if await has_body(request) else {}
        return answered(await control.rules.save(whose(request, session), given))

    @router.post("/rules/import", operation_id="importRules", response_model=Imported, openapi_extra=_IMPORT)
    async def import_(request: Request, name: FileName = "file", session: Sessions = None) -> Response:
        """Add the rules in a file before all others: recordings and exports answer again as they did."""
        return answered(await control.rules.import_(whose(request, session), name, await request.body()))

    _add_one(router, control, whose)


def _add_one(router: APIRouter, control: Control, whose: Whose) -> None:
    """Add the routes of a single rule."""

    @router.get("/rules/{rule:path}", operation_id="getRule", response_model=ShownRule)
    async def get(request: Request, rule: RuleId, session: Sessions = None) -> Response:
        """Get a rule."""
        return await answered_apart(await control.rules.get(whose(request, session), rule))

    @router.put("/rules/{rule:path}", operation_id="replaceRule", response_model=ShownRule, openapi_extra=_ADD)
    async def put(request: Request, rule: RuleId, session: Sessions = None) -> Response:
        """Replace a rule that was added; it keeps its counts."""
        return await answered_apart(await control.rules.replace(whose(request, session), rule, await value(request)))

    @router.patch("/rules/{rule:path}", operation_id="changeRule", response_model=ShownRule, openapi_extra=_CHANGE)
    async def patch(request: Request, rule: RuleId, session: Sessions = None) -> Response:
        """Disable a rule, that of a file too, or enable it again; change the position or keys of one that was added."""
        given: Any = await value(request) if await has_body(request) else {}
        return await answered_apart(await control.rules.change(whose(request, session), rule, given))

    @router.delete("/rules/{rule:path}", operation_id="deleteRule", response_model=DeletedRule)
    async def delete(request: Request, rule: RuleId, session: Sessions = None) -> Response:
        """Delete a rule that was added."""
        return answered({"id": await control.rules.delete(whose(request, session), rule), "deleted": True})
