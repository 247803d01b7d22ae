"""The pytest plugin, in runs of pytest of its own."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from plugin_runs import Run, run_pytest, write_module


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return what runs pytest on the text of a test module, and returns its output."""

    def ran(text: str, *arguments: str, ini: str = "", **more: Any) -> str:
        write_module(tmp_path, text, ini)
        return run_pytest(tmp_path, *arguments, **more)

    return ran


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
    run: Run, serve: Callable[..., object], tmp_path: Path
) -> None:
    with serve() as elsewhere:  # type: ignore[attr-defined] # a context
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
    )


def test_nothing_of_the_double_is_imported_for_tests_without_it(run: Run, tmp_path: Path) -> None:
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
    run("", "test_other.py", passed=1)


def test_the_examples_of_the_documentation_run_as_printed(run: Run) -> None:
    run(
        """
        import json
        from threading import Thread

        TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters":
            {"type": "object", "properties": {"city": {"type": "string"}}}}}]

        def agent(question):
            messages = [{"role": "user", "content": question}]
            while True:
                completion = openai.OpenAI().chat.completions.create(
                    model="gpt-5.4-mini", messages=messages, tools=TOOLS)
                message = completion.choices[0].message
                if not message.tool_calls:
                    return message.content
                result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": json.dumps({"temp": 18})}
                messages += [message, result]

        class UI:
            def ask(self, text):
                self.stream = openai.OpenAI().chat.completions.create(
                    model="gpt-5.4-mini", messages=[{"role": "user", "content": text}], stream=True)

            def cancel(self):
                self.stream.close()

        @pytest.fixture
        def ui():
            return UI()

        def test_weather(chatdouble):
            chatdouble.script(
                turn(user="*Paris*", tools=["get_weather"]).calls("get_weather", city="Paris"),
                turn(tool_result={"name": "get_weather", "json": {"temp": 18}}).fails(429, retry_after=0),
                turn(tool_result=True).says("18 degrees."),
            )
            assert agent("Weather in Paris?") == "18 degrees."
            assert chatdouble.requests[0].tools == ["get_weather"]

        def test_cancel(chatdouble, ui):
            chatdouble.reply("Once upon a time")
            with chatdouble.hold(after_chunks=2) as gate:
                ui.ask("Tell a story"); gate.wait(); ui.cancel()
                assert gate.client_left
        """,
        passed=2,
    )


def test_processes_azure_clients_and_unittest_find_the_double(run: Run) -> None:
    run(
        """
        import subprocess, sys, unittest

        ASK = "import openai; print(openai.OpenAI().chat.completions.create(model='gpt-5.4-mini', messages=[" \
            "{'role': 'user', 'content': 'Hi'}]).choices[0].message.content)"

        def test_process(chatdouble):
            chatdouble.reply("From a process")
            ran = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
            assert ran.stdout == "From a process\\n"

        def test_azure(chatdouble, monkeypatch):
            monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
            chatdouble.reply("From Azure")
            answer = openai.AzureOpenAI().chat.completions.create(
                model="my-deployment", messages=[{"role": "user", "content": "Hi"}])
            assert answer.choices[0].message.content == "From Azure"

        class TestClass(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def double(self, chatdouble):
                self.double = chatdouble

            def test_in_a_class(self):
                self.double.reply("In a class")
                assert ask().content == "In a class"

            def test_strict(self):
                self.double.reply("Not used")
        """,
        passed=3,
        failed=1,
    )


def test_a_failing_function_fails_a_test_that_swallows_it(run: Run) -> None:
    output = run(
        """
        def test_swallows(chatdouble):
            chatdouble.reply(lambda request: 1 / 0)
            with pytest.raises(openai.InternalServerError):
                ask()
        """,
        failed=1,
    )
    assert "error: script_error: A scripted reply could not be made." in output
    assert "queued reply 1: <lambda> raised ZeroDivisionError at test_app.py:" in output


def test_skipped_and_expected_failures_are_not_judged(run: Run) -> None:
    output = run(
        """
        def test_skips(chatdouble):
            chatdouble.reply("Not used")
            pytest.skip("not today")

        @pytest.mark.xfail(strict=True)
        def test_expected(chatdouble):
            chatdouble.reply("Not used")

        def test_passes():
            pass
        """,
        passed=1,
    )
    assert "1 passed, 1 skipped, 1 xfailed" in output


def test_the_plugin_can_be_switched_off(run: Run) -> None:
    output = run(
        """
        def test_one(chatdouble):
            pass
        """,
        plugins=("no:chatdouble",),
    )
    assert "fixture 'chatdouble' not found" in output


def test_the_coverage_of_the_users_code_is_undisturbed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "agent.py").write_text("import openai\n\ndef used():\n    return 1\n\ndef unused():\n    return 2\n")
    output = run(
        """
        import agent

        def test_one(chatdouble):
            assert agent.used() == 1
            assert ask().content == "Hello"
        """,
        "--cov=agent",
        "--cov-branch",
        passed=1,
    )
    assert "agent.py       5      1      0      0    80%" in output
    assert "chatdouble" not in output.partition("tests coverage")[2]
