"""A journalled request as scripts see it."""

from typing import Any, Final

from chatdouble.answer.computed import COMPUTED
from chatdouble.backend.call import CHAT as CHAT_API
from chatdouble.core.json import as_object, is_array, is_object
from chatdouble.core.paths import behind_prefix, request_path
from chatdouble.scripts.matching.combinators import AllOf
from chatdouble.scripts.matching.request_view import CHAT, RequestView
from chatdouble.server.entry import Entry

_CHAT_PATH: Final = CHAT.partition(" ")[2]


class EntryView(RequestView):
    """A request of the journal for conditions, but not for replies, which need its call.

    Args:
        entry: The entry.
    """

    def __init__(self, entry: Entry) -> None:
        place = request_path(entry["path"])
        is_chat = entry["method"] == "POST" and place.path == _CHAT_PATH
        self.is_chat = is_chat
        self.endpoint = CHAT if is_chat else f"{entry['method']} {behind_prefix(entry['path'])[0]}"
        self.body = as_object(entry["request"])
        name = place.path.removeprefix("/")
        self.api = CHAT_API if is_chat else name if entry["method"] == "POST" and name in COMPUTED else ""
        self.conversation = self.body if self.api in ("", CHAT_API) else _of_input(self.body.get("input"))
        self.model = str(self.body.get("model") or place.deployment or "")
        self.session = entry["session"]
        self.headers = entry["headers"]


def _of_input(given: object) -> dict[str, Any]:
    """Return an input in the terms of chat completions; tokens are left out."""
    items: list[Any] = given if is_array(given) else [given]
    parts = [{"type": "text", "text": one} if isinstance(one, str) else one for one in items]
    return {"messages": [{"role": "user", "content": [part for part in parts if is_object(part)]}]}


def holds(conditions: AllOf, view: EntryView) -> bool:
    """Tell whether conditions hold for a journalled request."""
    try:
        return conditions.holds(view)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False  # a request that was refused for its shape: conditions read those that were not
