"""The tests of the support bot."""

from chatdouble.testing import Double, turn
from plugin.support_bot.bot import LOST, Ticket, answer, classify, stream


def test_a_message_is_classified(chatdouble: Double) -> None:
    chatdouble.reply({"json": {"category": "billing", "urgent": True}})
    assert classify("I was charged twice!") == Ticket(category="billing", urgent=True)


def test_a_lost_order_is_found_and_refunded(chatdouble: Double) -> None:
    chatdouble.script(
        turn(user="*order 42*", tools=["find_order", "refund"]).calls("find_order", number=42),
        turn(tool_result={"name": "find_order", "json": {"status": "lost"}}).calls("refund", number=42),
        turn(tool_result={"name": "refund", "json": {"refunded": 9.5}}).says("You get 9.50 back."),
    )
    assert answer("Where is order 42?") == "You get 9.50 back."


def test_an_answer_is_streamed(chatdouble: Double) -> None:
    chatdouble.reply("It is on its way.")
    assert "".join(stream("Where is my order?")) == "It is on its way."


def test_a_full_server_is_asked_again(chatdouble: Double) -> None:
    chatdouble.fail(429, retry_after=0)
    chatdouble.reply("Hello!")
    assert answer("Hi") == "Hello!"


def test_a_cut_stream_is_excused(chatdouble: Double) -> None:
    chatdouble.reply({"text": "It is on its way.", "fault": "disconnect", "after_chunks": 3})
    assert "".join(stream("Where is my order?")).endswith(LOST)


def test_a_long_conversation_is_shortened(chatdouble: Double) -> None:
    chatdouble.fail("context_length_exceeded")
    chatdouble.reply("Hello again!")
    assert answer("Hi", ({"role": "user", "content": "Hello"},) * 8) == "Hello again!"
    assert len(chatdouble.requests[1].messages) < len(chatdouble.requests[0].messages)
