"""From drafts to the whole answer, obeying everything the request asks for."""

from collections.abc import Mapping, Sequence
from typing import Any

from chatdouble.answer.draft import Draft
from chatdouble.backend import Call
from chatdouble.schema.completion import Completion


async def compose(call: Call, drafts: Sequence[Draft], given: Mapping[str, Any] | None = None) -> Completion:
    """Make a completion of drafts, one a choice; the last stands for any of the `n` that are missing.

    Args:
        call: The call to answer.
        drafts: What to say, at least one.
        given: Fields of the completion that are set as given rather than computed.
    """
    raise NotImplementedError
