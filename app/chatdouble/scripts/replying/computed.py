"""Scripted vectors and moderation results."""

from collections.abc import Mapping
from typing import Any

from chatdouble.answer.embeddings import embeddings_like, listed
from chatdouble.answer.moderations import moderations
from chatdouble.backend import Answer
from chatdouble.scripts.format.computed import flags_in, vectors_in
from chatdouble.scripts.format.reply import ReplySpec
from chatdouble.scripts.format.templates import TemplateFailedError, fill_text
from chatdouble.scripts.replying.template_variables import TemplateVariables


async def computed(reply: ReplySpec, variables: TemplateVariables, fields: Mapping[str, Any]) -> Answer:
    """Return the answer with a reply's vectors or flags.

    Args:
        reply: The reply.
        variables: The variables of its templates.
        fields: The fields of the answer that the reply sets.

    Raises:
        TemplateFailedError: A template cannot be rendered, or the answer has no such field.
    """
    answer = {**await _made(reply, variables)}
    for name, value in fields.items():
        if name not in answer:
            raise TemplateFailedError(f"this API's answer has no {name!r}")
        answer[name] = {**answer[name], **value} if isinstance(value, dict) else value
    return answer


async def _made(reply: ReplySpec, variables: TemplateVariables) -> Answer:
    call = variables.view.call
    if reply.vector is not None:
        return listed(call, vectors_in(reply.vector))
    if reply.like is not None:
        texts = [reply.like] if isinstance(reply.like, str) else reply.like
        return await embeddings_like(call, [fill_text(text, variables) for text in texts])
    return await moderations(call, flags_in(reply.flags if reply.flags is not None else []))
