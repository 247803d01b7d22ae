"""A journalled request as scripts see it."""

from typing import Any

from chatdouble.answer.computed import COMPUTED
from chatdouble.apis.responses.api import RESPONSES
from chatdouble.apis.responses.chat_form import chat_form
from chatdouble.core.head import behind_prefix, request_path
from chatdouble.core.json import as_object, is_array, is_object
from chatdouble.core.json_in_steps import size_in_steps
from chatdouble.scripts.matching.combinators import AllOf
from chatdouble.scripts.matching.request_view import ENDPOINTS, RequestView
from chatdouble.server.entry import Entry


class EntryView(RequestView):
    """A request of the journal for conditions, but not for replies, which need its call.

    Args:
        entry: The entry.
    """

    def __init__(self, entry: Entry) -> None:
        place = request_path(entry["path"])
        endpoint = f"{entry['method']} {place.path}"
        self.api = next((api for api, known in ENDPOINTS.items() if known == endpoint), "")
        self.is_elsewhere = not self.api or self.api in COMPUTED
        self.endpoint = endpoint if self.api else f"{entry['method']} {behind_prefix(entry['path'])[0]}"
        self.sent = as_object(entry["request"])
        self.body = self._in_chat_terms()
        self.model = str(self.sent.get("model") or place.deployment or "")
        self.session = entry["session"]
        self.headers = entry["headers"]

    @property
    def size(self) -> int:
        """The bytes of the request, which are counted anew each time."""
        return size_in_steps(self.sent)

    def _in_chat_terms(self) -> dict[str, Any]:
        if self.api == RESPONSES.name:
            return chat_form(self.sent)
        return _of_input(self.sent.get("input")) if self.api in COMPUTED else self.sent


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
