"""A journalled request as scripts see it."""

from chatdouble.apis.responses.api import RESPONSES
from chatdouble.apis.responses.chat_form import chat_form
from chatdouble.core.json import as_object
from chatdouble.core.paths import behind_prefix, request_path
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
        self.is_elsewhere = not self.api
        self.endpoint = endpoint if self.api else f"{entry['method']} {behind_prefix(entry['path'])[0]}"
        self.sent = as_object(entry["request"])
        self.body = chat_form(self.sent) if self.api == RESPONSES.name else self.sent
        self.model = str(self.sent.get("model") or place.deployment or "")
        self.session = entry["session"]
        self.headers = entry["headers"]


def holds(conditions: AllOf, view: EntryView) -> bool:
    """Tell whether conditions hold for a journalled request."""
    try:
        return conditions.holds(view)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False  # a request that was refused for its shape: conditions read those that were not
