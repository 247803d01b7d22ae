"""Snapshots of requests, kept by inline-snapshot and by syrupy."""

from pathlib import Path

from plugin_runs import run_pytest, write_module

INLINE = """
from inline_snapshot import snapshot

def test_inline(chatdouble):
    chatdouble.call("get_weather", city="Oslo")
    tools = [{"type": "function", "function": {"name": "get_weather", "parameters":
        {"type": "object", "properties": {"city": {"type": "string"}}}}}]
    ask("Weather?", tools=tools)
    assert chatdouble.requests[0].snapshot() == snapshot()
"""
FILES = """
def test_files(chatdouble, snapshot):
    ask("Hello")
    assert chatdouble.requests.last.snapshot() == snapshot
"""


def test_inline_snapshot_keeps_a_request_in_the_test(tmp_path: Path) -> None:
    plugins = ("inline_snapshot",)
    write_module(tmp_path, INLINE)
    # The plugin reports a value that it has created as an error.
    assert "the value is now created" in run_pytest(tmp_path, "--inline-snapshot=create", passed=1, plugins=plugins)
    kept = (tmp_path / "test_app.py").read_text("utf-8")
    assert '"id": "call_1"' in kept.replace("'", '"')
    assert "chatcmpl-" not in kept
    run_pytest(tmp_path, passed=1, plugins=plugins)
    (tmp_path / "test_app.py").write_text(kept.replace('ask("Weather?"', 'ask("Rain?"'), "utf-8")
    run_pytest(tmp_path, failed=1, plugins=plugins)


def test_syrupy_keeps_a_request_in_a_file(tmp_path: Path) -> None:
    plugins = ("syrupy",)
    write_module(tmp_path, FILES)
    run_pytest(tmp_path, "--snapshot-update", passed=1, plugins=plugins)
    run_pytest(tmp_path, passed=1, plugins=plugins)
    (tmp_path / "test_app.py").write_text((tmp_path / "test_app.py").read_text().replace('ask("Hello")', 'ask("Hi")'))
    assert "chatdouble.requests.last.snapshot()" in run_pytest(tmp_path, failed=1, plugins=plugins)
