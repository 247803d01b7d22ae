"""Promises of the plugin's documentation: its examples, other kinds of tests, and the things it leaves alone."""

from pathlib import Path

from plugin_runs import Run, run_alone, write_module

EXAMPLES = """
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
"""


def test_the_examples_of_the_documentation_run_as_printed(run: Run) -> None:
    run(
        EXAMPLES,
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


def test_the_plugin_can_be_switched_off(tmp_path: Path) -> None:
    write_module(
        tmp_path,
        """
        def test_one(chatdouble):
            pass
        """,
    )
    assert "fixture 'chatdouble' not found" in run_alone(tmp_path, "-p", "no:chatdouble")


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
        plugins=("pytest_cov",),
    )
    assert "agent.py       5      1      0      0    80%" in output
    measured = output.partition("tests coverage")[2].partition("1 passed")[0]
    assert "TOTAL" in measured
    assert "chatdouble" not in measured
