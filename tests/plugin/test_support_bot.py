"""The suite of a support bot: it passes without scaffolding, and each mistake of the bot has its report."""

import re
import shutil
from pathlib import Path
from typing import Final

import pytest

from plugin_runs import run_pytest

HERE: Final = Path(__file__).parent / "support_bot"

MISTAKES: Final = {
    "classification_without_schema": ("response_format=Ticket)", "response_format=Ticket, temperature=9)"),
    "tool_missing": ('("find_order", "refund")\n', '("find_order",)\n'),
    "tool_result_wrong": ('"status": "lost"', '"status": "found"'),
    "conversation_given_up": ("if not message.tool_calls:", "if True:"),
    "stream_not_asked_for": ("yield from (piece", "yield from () and (piece"),
    "no_second_try": ("OpenAI().chat.completions.create(model=MODEL, messages=messages", "OpenAI(max_retries=0).chat.completions.create(model=MODEL, messages=messages"),
    "cut_not_excused": ("except (APIConnectionError, APIError)", "except ZeroDivisionError"),
    "not_shortened": ("messages[len(messages) // 2 :]", "[*messages]"),
}
"""Mistakes that the bot can have: what is written in its module, and what stands there instead."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "plugin" / "support_bot"
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("__pycache__", "reports"))
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\npython_files = suite.py\n")
    return tmp_path


def test_the_suite_passes_in_parallel(project: Path) -> None:
    run_pytest(project, "-n2", passed=6)


def test_each_mistake_of_the_bot_has_its_report(project: Path) -> None:
    bot = project / "plugin" / "support_bot" / "bot.py"
    right = bot.read_text()
    for name, (before, after) in MISTAKES.items():
        assert before in right, name
        bot.write_text(right.replace(before, after))
        output = run_pytest(project, "-n0", "--tb=short", "-x", failed=1)
        report = HERE / "reports" / f"{name}.txt"
        report.parent.mkdir(exist_ok=True)
        report.write_text(output)
