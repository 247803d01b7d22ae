"""Control of rules while the server runs: list, add, replace, change, delete and save them."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from typing_extensions import TypedDict

from chatdouble.core.errors import APIError
from chatdouble.core.in_turns import in_turns
from chatdouble.scripts.format.change import RuleChange, RuleToAdd, SavedFile
from chatdouble.scripts.format.rule import Rule
from chatdouble.scripts.matching.changes import NOTHING, AddedRule, Kept, Position, added, kept_of
from chatdouble.scripts.reading.load import NO_UPSTREAM, Placed
from chatdouble.scripts.reading.mistakes import near
from chatdouble.server.auth import ALL
from chatdouble.server.control import saved_rules
from chatdouble.server.control.findings import Findings, findings
from chatdouble.server.control.imported_rules import Imported, read_rules
from chatdouble.server.control.reading import read
from chatdouble.server.control.rule_list import Listed, ShownRule, listed
from chatdouble.state.session import Session
from chatdouble.state.sessions import Sessions

_INVALID: Final = "invalid_rule"


class Saved(TypedDict):
    """Rules that were saved.

    Attributes:
        file: The file.
        rules: How many rules it has.
    """

    file: str
    rules: int


@dataclass(frozen=True, slots=True)
class Rules:
    """Controls the rules of a session, or of all sessions.

    The operations take a session's name or key, or `*` for all sessions.

    Attributes:
        one: Returns the session of a name or key.
        sessions: All sessions.
        files: Returns the rules of the script files; None: the backend has none.
        folder: The folder to save rules in; None: they cannot be saved.
        has_upstream: Whether the server has an upstream; without one, no reply may ask for it.
        most: The rules that may be added to a session, and to all sessions together.
    """

    one: Callable[[str], Session]
    sessions: Sessions
    files: Callable[[], Sequence[Placed]] | None
    folder: Path | None
    has_upstream: bool
    most: int

    async def all(self, session: str) -> list[ShownRule]:
        """Return the rules in the order in which they are tried, with their counts in the session, or in all."""
        return await self._counted(session, await self._listed(session))

    async def findings(self, session: str) -> Findings:
        """Return the mistakes in the rules that are in force: those that are never reached, for example."""
        every = await self._listed(session)
        return await asyncio.to_thread(findings, [one for one in every if not one.shown["disabled"]])

    async def add(self, session: str, given: object) -> ShownRule:
        """Add a rule.

        Args:
            session: The session.
            given: `{"rule": {...}, "position": "first"}`; `last` tries it after all other rules.

        Raises:
            APIError: 400: it is not a rule; the message lists all mistakes.
        """
        spec = read(RuleToAdd, given, code=_INVALID)
        self._check(spec.rule)
        written = cast("Mapping[str, Any]", given)["rule"]
        (new,) = await self._add(session, [written], spec.position)
        return await self.get(session, new)

    async def import_(self, session: str, name: str, data: bytes) -> Imported:
        """Add the rules in a file before all others, in their order.

        Args:
            session: The session.
            name: The file's name.
            data: Its content: a script or a recording, an HTTP archive, a VCR cassette, or fixtures of another tool.

        Raises:
            APIError: 400: there are no rules in it, or too many, or this server cannot answer with one of them.
        """
        rules, skipped = await read_rules(name, data)
        for rule in rules:
            self._check(read(RuleToAdd, {"rule": rule}, code=_INVALID).rule)
            await asyncio.sleep(0)  # a file may have many
        return {"rules": await self._add(session, rules, "first"), "skipped": skipped}

    async def _add(self, session: str, rules: list[Any], position: Position) -> list[str]:
        """Add rules in their order, and return their ids."""
        prefix = "shared" if session == ALL else "added"
        new = [added("", rule, position) async for rule in in_turns(rules)]

        def change(kept: Kept) -> Kept:
            if (count := len(kept["added"]) + len(new)) > self.most:
                message = f"That makes {count} added rules, and --max-rules is {self.most}: delete some, or reset."
                raise APIError(message, param="rule", code="too_many_rules")
            for number, one in enumerate(new, kept["made"] + 1):
                one["id"] = f"{prefix}_rule_{number}"
            every = [*new, *kept["added"]] if position == "first" else [*kept["added"], *new]
            return {**kept, "made": kept["made"] + len(new), "added": every}

        await self._change(session, change)
        return [one["id"] for one in new]

    async def get(self, session: str, name: str) -> ShownRule:
        """Return a rule by its id or name.

        Raises:
            APIError: 404: there is none.
        """
        (shown,) = await self._counted(session, [await self._found(session, name)])
        return shown

    async def replace(self, session: str, name: str, given: object) -> ShownRule:
        """Replace an added rule, which keeps its counts.

        Raises:
            APIError: 400: it is not a rule, or the rule is not the session's own; 404: there is none.
        """
        spec, found = read(RuleToAdd, given, code=_INVALID), await self._own(session, name)
        self._check(spec.rule)
        whole = cast("Mapping[str, Any]", given)
        position = spec.position if "position" in whole else None
        return await self._changed(session, found, RuleChange(position=position), whole["rule"])

    async def change(self, session: str, name: str, given: object) -> ShownRule:
        """Change some of a rule: disable it or enable it again; an added rule's position and keys too.

        Raises:
            APIError: 400: the change is wrong, or is for another session's or a file's rule; 404: there is none.
        """
        spec, found = read(RuleChange, given, code=_INVALID), await self._found(session, name)
        if spec.rule is None and spec.position is None:
            return await self._changed(session, found, spec, found.shown["rule"])
        found = await self._own(session, name)
        merged = {
            key: value for key, value in {**found.shown["rule"], **(spec.rule or {})}.items() if value is not None
        }
        self._check(read(RuleToAdd, {"rule": merged}, code=_INVALID).rule)
        return await self._changed(session, found, spec, merged)

    async def delete(self, session: str, name: str) -> str:
        """Delete an added rule; return its id.

        Raises:
            APIError: 400: the rule is not the session's own; 404: there is none.
        """
        found = await self._own(session, name)
        await self._change(
            session, lambda kept: {**kept, "added": [one for one in kept["added"] if one["id"] != found.key]}
        )
        return found.key

    async def save(self, session: str, given: object) -> Saved:
        """Save the rules that were added as a script file, without those that are disabled and without secrets.

        Args:
            session: The session.
            given: `{"name": "weather"}`; without a name the file has the session's.

        Raises:
            APIError: 400: there is no folder for them or no rule to save, or the file is somebody else's.
        """
        if self.folder is None:
            raise APIError("Rules are saved in the folder of --save-rules, and it is not set.", code="no_folder")
        scope = self._scope(session)
        name = read(SavedFile, {} if given is None else given, code=_INVALID).name
        added = [one for one in (await kept_of(scope))["added"] if not one["disabled"]]
        if not added:
            raise APIError("There are no rules to save.", code="no_rules")
        rules = [one["rule"] for position in ("first", "last") for one in added if one["position"] == position]
        file = saved_rules.file_in(self.folder, "all" if session == ALL else scope.name, name)
        await asyncio.to_thread(saved_rules.save, file, rules)
        return {"file": str(file), "rules": len(rules)}

    def _scope(self, session: str) -> Session:
        return self.sessions.everyone if session == ALL else self.one(session)

    def _check(self, rule: Rule) -> None:
        """Refuse a rule that this server cannot answer with.

        Raises:
            APIError: 400: it asks for an upstream or is for another endpoint, and the server has no such thing.
        """
        if not self.has_upstream and any(reply.upstream for reply in rule.replies()):
            raise APIError(f"rule: {NO_UPSTREAM}", param="rule", code=_INVALID)
        if rule.when.endpoint is not None and self.files is None:
            needs = "a rule with an `endpoint` needs a server with script files: start it with --scripts"
            raise APIError(f"rule.when.endpoint: {needs}", param="rule", code=_INVALID)

    async def _listed(self, session: str) -> list[Listed]:
        files = self.files() if self.files is not None else ()
        own, everyone = await kept_of(self._scope(session)), await kept_of(self.sessions.everyone)
        # In a thread, as it looks for the lines of all rules of files.
        return await asyncio.to_thread(lambda: [*listed(files, own, everyone, for_all=session == ALL)])

    async def _counted(self, session: str, every: Sequence[Listed]) -> list[ShownRule]:
        """Return rules as they are shown, with their counts."""
        if session == ALL:
            hits = await self._hits_in_all()
            return [one.with_hits(hits[one.key], one_session=False) for one in every]
        scope = self._scope(session)
        return [one.with_hits(await scope.hits(one.key) or 0, one_session=True) async for one in in_turns(every)]

    async def _hits_in_all(self) -> Counter[str]:
        """Return the answers of each rule in all sessions."""
        hits: Counter[str] = Counter()
        async for name in in_turns(await self.sessions.names()):
            hits.update(await self.sessions.named(name).values("hits"))
        return hits

    async def _found(self, session: str, name: str) -> Listed:
        every = await self._listed(session)
        for one in every:
            if one.is_named(name):
                return one
        advice = near(name, [word for one in every for word in (one.shown["id"], one.shown["name"])]) or "."
        raise APIError(f"There is no rule {name!r}{advice}", status=404, param="rule", code="rule_not_found")

    async def _own(self, session: str, name: str) -> Listed:
        """Return a rule that was added to the session, or to all sessions if that is what is controlled."""
        found = await self._found(session, name)
        if found.shown["scope"] == ("all" if session == ALL else "session"):
            return found
        where = (
            f"{found.shown['source']}:{found.shown['line']}"
            if found.shown["scope"] == "file"
            else "the rules of all sessions; ?session=* with the control key changes it there"
        )
        raise APIError(
            f'The rule {name!r} is from {where}. This session can disable it: PATCH with {{"disabled": true}}.',
            param="rule",
            code="not_an_added_rule",
        )

    async def _changed(self, session: str, found: Listed, spec: RuleChange, rule: dict[str, Any]) -> ShownRule:
        """Store a rule with its changes, and return it."""

        def change(kept: Kept) -> Kept:
            one = next((one for one in kept["added"] if one["id"] == found.key), None)
            if one is None:
                left_out = [key for key in kept["disabled"] if key != found.key]
                return {**kept, "disabled": [*left_out, found.key] if spec.disabled else left_out}
            disabled = one["disabled"] if spec.disabled is None else spec.disabled
            now = added(one["id"], rule, spec.position or one["position"], disabled=disabled)
            if spec.position is not None:
                return {**kept, "added": _placed([other for other in kept["added"] if other is not one], now)}
            return {**kept, "added": [now if other is one else other for other in kept["added"]]}

        await self._change(session, change)
        return await self.get(session, found.shown["id"])

    async def _change(self, session: str, change: Callable[[Kept], Kept]) -> None:
        scope = self._scope(session)
        while True:
            held = await scope.document("rules")
            changed = change(cast("Kept", held or NOTHING))
            if await scope.swap_document("rules", held, cast("dict[str, Any]", changed)):
                break
        if session == ALL:
            await self.sessions.rules_changed()
        else:
            await scope.override("has_rules", value=True)


def _placed(added: list[AddedRule], new: AddedRule) -> list[AddedRule]:
    return [new, *added] if new["position"] == "first" else [*added, new]
