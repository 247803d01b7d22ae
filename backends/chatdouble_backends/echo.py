"""echo: says back the last user text."""

from chatdouble.answer.compose import compose
from chatdouble.answer.draft import Draft
from chatdouble.backend import Call, Reply


class Echo:
    """Provisional: the plain form."""

    async def reply(self, call: Call) -> Reply:
        """Answer with the last message's text."""
        content = call.body["messages"][-1].get("content") or ""
        text = content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
        return await compose(call, [Draft(content=text)])
