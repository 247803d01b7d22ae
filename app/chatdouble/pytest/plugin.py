"""Hooks and fixtures for pytest. Nothing of the double is imported until a test asks for the fixture."""

import gc
import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from chatdouble.pytest.servers import Servers
    from chatdouble.testing.double import Double

DOUBLE: Final = pytest.StashKey["Double"]()
"""The double of a test that has asked for one."""

ORPHANS: Final = pytest.StashKey[set[str]]()
"""The files of recordings that no test has."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and ini settings."""
    group = parser.getgroup("chatdouble", "the test double for the OpenAI API")
    group.addoption("--chatdouble-url", metavar="URL", help="Use a server that runs elsewhere: http://localhost:8000.")
    group.addoption(
        "--chatdouble-record",
        choices=("none", "once", "rerecord", "verify"),
        help="How tests with record=True use their recordings: replay only, record what is missing, record again, "
        "or ask the API again and compare.",
    )
    parser.addini("chatdouble_allow", "Problems of the verdict that do not fail a test.", type="linelist")
    parser.addini("chatdouble_scripts", "Script files whose rules every test has.", type="paths")
    parser.addini("chatdouble_upstream", "Base URL of the API to record.", default="https://api.openai.com/v1")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.stash[ORPHANS] = set[str]()
    config.addinivalue_line(
        "markers",
        "chatdouble(allow=[], scripts=[], seed=0, validation='strict', record=False): settings of the double.",
    )


@pytest.hookimpl(tryfirst=True)  # before -k and the like leave tests out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Find recordings that no test has."""
    if any((folder / "recordings").is_dir() for folder in {item.path.parent for item in items}):
        from chatdouble.pytest.recording_files import orphans  # noqa: PLC0415 - see the module

        config.stash[ORPHANS].update(orphans(items, config.args, config.invocation_params.dir))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that started this one, if any, what was found."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["chatdouble_orphans"] = [*session.config.stash[ORPHANS]]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear from a worker of pytest-xdist what it found."""
    node.config.stash[ORPHANS].update(getattr(node, "workeroutput", {}).get("chatdouble_orphans", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Report the recordings that no test has."""
    orphans = config.stash[ORPHANS]
    if orphans:
        terminalreporter.section("recordings without a test (chatdouble)")
        for file in sorted(orphans):
            terminalreporter.write_line(os.path.relpath(file, config.invocation_params.dir))


@contextmanager
def _without_collections() -> Generator[None]:
    """Collect no garbage meanwhile: imports leave none, and looking for it takes an eighth of their time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@pytest.fixture(scope="session")
def _chatdouble_servers(request: pytest.FixtureRequest) -> "Generator[Servers]":
    """Return the servers of the run, started when they are first asked for."""
    with _without_collections():
        from chatdouble.pytest.servers import Servers  # noqa: PLC0415 - see the module

    with Servers(request.config) as servers:
        yield servers


@pytest.fixture
def chatdouble(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, _chatdouble_servers: "Servers"
) -> "Generator[Double]":
    """Return the double: a fresh session, to which the environment points OpenAI clients."""
    with _chatdouble_servers.session(request.node) as double:
        for name, value in _environment(double).items():
            monkeypatch.setenv(name, value)
        request.node.stash[DOUBLE] = double
        yield double


def _environment(double: "Double") -> dict[str, str]:
    """Return the variables from which SDKs read the base URL and the key; processes of the test inherit them."""
    past_proxies = ",".join(filter(None, [os.environ.get("NO_PROXY", os.environ.get("no_proxy")), "127.0.0.1"]))
    return {
        "OPENAI_BASE_URL": double.base_url,
        "OPENAI_API_BASE": double.base_url,
        "OPENAI_API_KEY": double.key,
        "AZURE_OPENAI_ENDPOINT": double.url,
        "AZURE_OPENAI_API_KEY": double.key,
        "OPENAI_API_VERSION": os.environ.get("OPENAI_API_VERSION", "2024-10-21"),
        "NO_PROXY": past_proxies,
        "no_proxy": past_proxies,
    }


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Judge the session of a test that has passed; show the conversation and the verdict of one that has failed."""
    try:
        result = yield
    except (pytest.skip.Exception, pytest.xfail.Exception):
        raise
    except BaseException:
        double = item.stash.get(DOUBLE, None)
        if double is not None:
            from chatdouble.pytest.reports import conversation, verdict  # noqa: PLC0415 - see the module

            item.add_report_section("call", "chatdouble", f"{conversation(double)}\n\n{verdict(double)}")
        raise
    double = item.stash.get(DOUBLE, None)
    if double is not None:
        from chatdouble.pytest.reports import conversation, failures  # noqa: PLC0415 - see the module

        found = failures(double, item)
        if found:
            item.add_report_section("call", "chatdouble", conversation(double))
            pytest.fail(found, pytrace=False)
    return result
