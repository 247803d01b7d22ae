"""The README's examples work as printed, except for the address; its figures are those of the tests."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

import warm
from chatdouble.testing.server import RunningServer
from corpora import CHAT, error_cases, exchanges, full_corpora
from corpus.distilled import answers, errors
from test_corpus_over_http import EXCEPTIONS
from token_agreement import compared_answers, compared_prompts

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
NODE = ROOT / "tests" / "node"


def _block(language: str, server: RunningServer) -> str:
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    (found,) = [block for block in blocks if "http://localhost:8000" in block]
    return found.replace("http://localhost:8000", server.origin)


def _output(*command: str, cwd: Path = ROOT) -> str:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True, timeout=60).stdout


def test_the_python_example_works(server: RunningServer) -> None:
    assert _output(*warm.python(), "-c", _block("python", server)) == "Hello!\n"


def test_the_example_without_a_port_works() -> None:
    (example,) = [block for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "with running" in block]
    assert _output(*warm.python(), "-P", "-c", example) == ""


def test_the_curl_example_works(server: RunningServer) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    assert '"content": "Hello!"' in _output("sh", "-c", f"curl -s {_block('sh', server).removeprefix('curl')}")


def test_the_node_example_works(server: RunningServer, tmp_path: Path) -> None:
    if shutil.which("node") is None or not (NODE / "node_modules" / "openai").exists():
        pytest.skip("node, or its openai package (scripts/install-node), is not installed")
    (tmp_path / "node_modules").symlink_to(NODE / "node_modules")
    (tmp_path / "readme.mjs").write_text(_block("js", server))
    assert _output("node", "readme.mjs", cwd=tmp_path) == "Hello!\n"


def test_ci_runs_a_command_of_its_own() -> None:
    command = (ROOT / ".ci" / "run").read_text().splitlines()[-1]
    assert command in re.findall(r"^(make [a-z ]*[a-z])", README, re.MULTILINE)


def test_every_linked_page_exists() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        links = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", page.read_text())
        assert [link for link in links if not (page.parent / link).exists()] == [], page


def test_the_figures_are_those_of_the_distilled_corpus() -> None:
    kinds = errors()
    sent = [case for case in kinds if not case.unreproducible]
    exact = [case for case in sent if not case.not_yet]
    assert f"Of the {len(kinds)} kinds of recorded errors, {len(sent)} can be caused" in README
    assert f"by a request; {len(exact)} of them are reproduced exactly" in README
    shapes = answers()
    same = [case for case in shapes if not case.unreproducible and not case.not_yet]
    assert (
        f"Of the {len(shapes)} shapes of recorded answers, whole and streamed, {len(same)} are reproduced exactly"
        in README
    )


@full_corpora
def test_the_figures_are_those_of_the_corpora() -> None:
    (first, right), (second, right_too) = [_replayed(name) for name in EXCEPTIONS]
    assert f"Of the {first} recorded errors of the first corpus" in README
    assert (
        f"{right} are reproduced exactly,\n  except for numbers and quoted values; "
        f"of the {second} of the second, {right_too}." in README
    )
    both = [*exchanges(), *exchanges("exchanges-2.jsonl")]
    answered = [one for one in both if one["status"] == 200 and one["method"] == "POST"]
    assert f"All {len(answered)} recorded requests" in README
    assert f"are as in {sum('response_sse' in one for one in answered)} recorded streams" in README


def _replayed(name: str) -> tuple[int, int]:
    """Return how many errors of a corpus can be asked for, and how many of them come out exactly."""
    asked = sum(case.request is not None and case.path == CHAT for case in error_cases(name))
    return asked, asked - len(EXCEPTIONS[name])


KINDS: Final = (
    "text",
    "json_object",
    "json_schema",
    "tools",
    "tools and calls",
    "functions",
    "search",
    "audio",
    "image",
    "file",
)
"""The kinds of requests in the README's table of tokens, in its order."""


@full_corpora
def test_the_table_of_tokens_is_that_of_the_recordings() -> None:
    offs = {kind: [one.off for one in compared_prompts() if one.kind == kind] for kind in KINDS}
    assert f"| {' | '.join(f'{off.count(0)} of {len(off)}' for off in offs.values())} |" in README
    assert f"in {_share(offs['image'])}, and one behind an address" in README


@full_corpora
async def test_the_shares_of_answers_are_those_of_the_recordings() -> None:
    compared = await compared_answers()
    texts, single, several = (_share([one.off for one in compared if one.kind == kind]) for kind in KINDS_OF_ANSWERS)
    assert f"in {texts} of texts, {single} of calls and {several} of several calls at once" in README


KINDS_OF_ANSWERS: Final = ("text", "call", "calls")


def _share(offs: list[int]) -> str:
    return f"{100 * offs.count(0) / len(offs):.1f} %"
