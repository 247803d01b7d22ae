"""The suite of a support bot: it passes without scaffolding, and each mistake of the bot has its report."""

import re
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from parts import long
from plugin_runs import run_pytest

HERE: Final = Path(__file__).parent / "support_bot"
REPORTS: Final = HERE / "reports"


class Mistake(NamedTuple):
    """A mistake that the bot can have.

    Attributes:
        test: The test that finds it.
        right: A part of the bot's module.
        wrong: What stands there instead.
    """

    test: str
    right: str
    wrong: str


MISTAKES: Final = {
    "refused": Mistake("test_a_message_is_classified", "format=Ticket)", "format=Ticket, temperature=9)"),
    "not_asked": Mistake(
        "test_a_message_is_classified",
        "    completion = OpenAI().chat.completions.parse(",
        '    return Ticket(category="billing", urgent=True)\n    completion = OpenAI().chat.completions.parse(',
    ),
    "tool_missing": Mistake("test_a_lost_order_is_found_and_refunded", '"find_order", "refund")\n', '"find_order",)\n'),
    "result_wrong": Mistake("test_a_lost_order_is_found_and_refunded", '"status": "lost"', '"status": "found"'),
    "given_up": Mistake("test_a_lost_order_is_found_and_refunded", "if not message.tool_calls:", "if True:"),
    "stream_lost": Mistake("test_an_answer_is_streamed", "yield from (piece", "yield from () and (piece"),
    "no_second_try": Mistake(
        "test_a_full_server_is_asked_again",
        "OpenAI().chat.completions.create(model=MODEL, messages=messages",
        "OpenAI(max_retries=0).chat.completions.create(model=MODEL, messages=messages",
    ),
    "refusal_swallowed": Mistake("test_a_cut_stream_is_excused", "stream=True)", "stream=True, temperature=9)"),
    "cut_not_excused": Mistake(
        "test_a_cut_stream_is_excused", "except (APIConnectionError, APIError)", "except KeyError"
    ),
    "not_shortened": Mistake("test_a_long_conversation_is_shortened", "messages[len(messages) // 2 :]", "[*messages]"),
}

_TEST: Final = re.compile(r"^_{3,} (test_\w+) _{3,}$", re.MULTILINE)
_OURS: Final = re.compile(r"^(?:error: |-+ Captured chatdouble call -+$).*?(?=^={3,}|\Z)", re.MULTILINE | re.DOTALL)
"""The plugin's part of a failed test's report, behind pytest's traceback."""


def copied(folder: Path, package: str, mistake: Mistake | None = None) -> None:
    """Copy the bot and its suite to a package of their own, with a mistake."""
    place = folder / package
    place.mkdir()
    bot = (HERE / "bot.py").read_text("utf-8")
    if mistake is not None:
        assert mistake.right in bot
        bot = bot.replace(mistake.right, mistake.wrong)
    (place / "bot.py").write_text(bot, "utf-8")
    suite = (HERE / "suite.py").read_text("utf-8").replace("plugin.support_bot", package)
    (place / "suite.py").write_text(suite, "utf-8")
    (folder / "pytest.ini").write_text(
        "[pytest]\npythonpath = .\npython_files = suite.py\nasyncio_default_fixture_loop_scope = function\n", "utf-8"
    )


@pytest.mark.parametrize("workers", ["-n0", pytest.param("-n2", marks=long)])
def test_the_suite_passes(tmp_path: Path, workers: str) -> None:
    copied(tmp_path, "shop")
    run_pytest(tmp_path, workers, passed=6, plugins=("xdist",))


def test_each_mistake_of_the_bot_has_its_report(tmp_path: Path) -> None:
    for name, mistake in MISTAKES.items():
        copied(tmp_path, name, mistake)
    tests = [f"{name}/suite.py::{mistake.test}" for name, mistake in MISTAKES.items()]
    output = run_pytest(tmp_path, *tests, "--import-mode=importlib", "--tb=short", failed=len(tests))
    _, *parts = _TEST.split(output)
    found = dict(zip(MISTAKES, parts[1::2], strict=True))
    assert {name: reported(text) for name, text in found.items()} == {
        name: (REPORTS / f"{name}.txt").read_text("utf-8") for name in MISTAKES
    }


def reported(text: str) -> str:
    """Return what the plugin says in the report of a failed test."""
    ours = _OURS.search(text)
    assert ours is not None, text
    return ours[0].rstrip() + "\n"


def test_the_suite_has_no_line_of_scaffolding() -> None:
    suite = (HERE / "suite.py").read_text("utf-8")
    outside = [line for line in suite.splitlines() if line and not line.startswith((" ", "def test_", "from ", '"""'))]
    assert outside == []
