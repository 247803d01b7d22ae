"""Tests of the agent with the pytest plugin: no server to start, nothing to clean up."""

from chatdouble.testing import Double, turn
from weather import answer


def test_the_agent_looks_the_temperature_up(chatdouble: Double) -> None:
    chatdouble.script(
        turn(user="*Paris*", tools=["get_weather"]).calls("get_weather", city="Paris"),
        turn(tool_result={"name": "get_weather", "json": {"temperature": 18}}).says("18 degrees."),
    )
    assert answer("How warm is it in Paris?") == "18 degrees."
    assert [request.user for request in chatdouble.requests] == ["How warm is it in Paris?"] * 2
    assert chatdouble.verdict().ok


def test_a_rate_limit_is_waited_for(chatdouble: Double) -> None:
    chatdouble.fail(429, retry_after=0)
    chatdouble.reply("Mild.")
    assert answer("How warm is it in Rome?") == "Mild."
    assert [request.status for request in chatdouble.requests] == [429, 200]
