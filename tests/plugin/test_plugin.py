"""The pytest plugin, in runs of pytest of its own."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from textwrap import dedent

from chatdouble.testing.server import RunningServer
from plugin_runs import Run, loading, run_alone


def test_a_test_needs_no_scaffolding(run: Run) -> None:
    run(
        """
        def test_one(chatdouble):
            chatdouble.reply("Hi")
            assert ask().content == "Hi"
            assert chatdouble.requests.last.user == "Hello"
            assert os.environ["OPENAI_API_KEY"] == "test_app.py::test_one"

        async def async_ask():
            client = openai.AsyncOpenAI()
            return await client.chat.completions.create(
                model="gpt-5.4-mini", messages=[{"role": "user", "content": "Hello"}]
            )

        @pytest.mark.asyncio
        async def test_two(chatdouble):
            assert (await async_ask()).choices[0].message.content == "Hello"
            assert len(chatdouble.requests) == 1

        def test_three():
            assert "OPENAI_BASE_URL" not in os.environ
        """,
        passed=3,
    )


def test_an_unmatched_turn_fails_a_test_that_swallows_it(run: Run) -> None:
    output = run(
        """
        def test_swallows(chatdouble):
            chatdouble.script(turn(user="*Paris*").says("18"), turn(tool_result=True).says("Done"))
            try:
                ask("Weather in Rome?")
            except openai.APIStatusError:
                pass
        """,
        failed=1,
    )
    assert "error: turn_mismatch: A request did not fit the next turn of its scripted conversation." in output
    assert "error: turn_not_reached: A turn of a scripted conversation was not asked for." in output
    assert "1. gpt-5.4-mini: 404" in output
    assert "user: Weather in Rome?" in output


def test_unused_replies_and_refused_requests_fail_a_test(run: Run) -> None:
    output = run(
        """
        def test_unused(chatdouble):
            chatdouble.reply("One", "Two")
            ask()

        def test_refused(chatdouble):
            with pytest.raises(openai.BadRequestError):
                ask(temperature=9)

        @pytest.mark.chatdouble(allow=["refused: *temperature*"])
        def test_allowed(chatdouble):
            with pytest.raises(openai.BadRequestError):
                ask(temperature=9)
        """,
        failed=2,
        passed=1,
    )
    assert "error: unused_reply: A queued reply was not used." in output
    assert "error: refused: The API would refuse a request." in output


def test_a_failing_test_shows_its_conversation_and_verdict(run: Run) -> None:
    output = run(
        """
        def test_fails(chatdouble):
            chatdouble.call("get_weather", city="Oslo")
            tools = [{"type": "function", "function": {"name": "get_weather", "parameters":
                {"type": "object", "properties": {"city": {"type": "string"}}}}}]
            ask("Weather?", tools=tools)
            assert False
        """,
        failed=1,
    )
    assert '   -> get_weather({"city":"Oslo"})' in output
    assert "tool_result_missing" in output


def test_the_marker_and_the_ini_file_choose_rules_and_settings(run: Run, tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text("- {when: {user: for all}, reply: from all}\n")
    (tmp_path / "one.yaml").write_text("- {when: {user: for one}, reply: from one}\n")
    run(
        """
        @pytest.mark.chatdouble(scripts="one.yaml", seed=7, validation="off", allow=["unused_rule"])
        def test_both(chatdouble):
            assert ask("for all").content == "from all"
            assert ask("for one", extra_body={"colour": "red"}).content == "from one"

        def test_all(chatdouble):
            assert ask("for all").content == "from all"
        """,
        ini="chatdouble_scripts = all.yaml\n",
        passed=2,
    )


def test_a_wrong_option_of_the_marker_is_explained(run: Run) -> None:
    output = run(
        """
        @pytest.mark.chatdouble(scipts="one.yaml")
        def test_one(chatdouble):
            pass
        """
    )
    assert "@pytest.mark.chatdouble takes allow, scripts, seed, validation, record by name; it has scipts" in output


def test_a_server_elsewhere_serves_with_sessions_of_its_own(
    run: Run, serve: Callable[..., AbstractContextManager[RunningServer]], tmp_path: Path
) -> None:
    with serve() as elsewhere:
        run(
            """
            @pytest.mark.parametrize("number", range(3))
            def test_one(chatdouble, number):
                chatdouble.reply(f"Reply {number}")
                assert ask().content == f"Reply {number}"
            """,
            "--chatdouble-url",
            elsewhere.origin,
            passed=3,
        )


def test_workers_of_xdist_share_nothing(run: Run) -> None:
    run(
        """
        @pytest.mark.parametrize("number", range(8))
        def test_one(chatdouble, number):
            chatdouble.reply(f"Reply {number}")
            assert ask().content == f"Reply {number}"
        """,
        "-n2",
        passed=8,
        plugins=("xdist",),
    )


def test_nothing_of_the_double_is_imported_for_tests_without_it(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text(
        dedent(
            """
            import sys

            def test_one():
                loaded = sorted(name for name in sys.modules if name.startswith(("chatdouble", "fastapi", "httpx2")))
                assert loaded == ["chatdouble", "chatdouble.pytest", "chatdouble.pytest.plugin"]
            """
        )
    )
    assert "1 passed" in run_alone(tmp_path, *loading(()), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
