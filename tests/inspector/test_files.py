"""The files of the pages: typed, short, vendored as recorded, cached by their digest, and under a strict policy."""

import hashlib
import re
import shutil
import subprocess
from typing import Final

import pytest

from chatdouble.testing.server import RunningServer
from conftest import Serve
from inspecting import ROOT
from raw import Answer, ask

FOLDER: Final = ROOT / "app" / "chatdouble" / "server" / "inspector"
TSC: Final = ROOT / "tests" / "node" / "node_modules" / ".bin" / "tsc"
OWN: Final = sorted(path for path in FOLDER.iterdir() if path.suffix in {".js", ".css", ".html", ".ts"})
BROWSER: Final = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def page(served: RunningServer, path: str, **headers: str) -> Answer:
    """Return a page as a browser gets it."""
    return ask(
        served.origin, "GET", path, headers=BROWSER | {name.replace("_", "-"): headers[name] for name in headers}
    )


def test_the_scripts_are_typed() -> None:
    if shutil.which("node") is None or not TSC.exists():
        pytest.skip("TypeScript is not installed: scripts/install-node")
    checked = subprocess.run([TSC, "-p", ROOT / "tests" / "node"], capture_output=True, text=True, check=False)
    assert checked.stdout == ""
    assert checked.returncode == 0


def test_own_files_are_short() -> None:
    assert OWN
    assert {path.name: lines for path in OWN if (lines := len(path.read_text("utf-8").splitlines())) > 300} == {}


def test_scripts_insert_texts_only() -> None:
    dangerous = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerouslySet|\beval\b|new Function"
    )
    assert [path.name for path in OWN if path.suffix == ".js" and dangerous.search(path.read_text("utf-8"))] == []


def test_vendored_files_are_those_that_are_recorded() -> None:
    recorded = (FOLDER / "vendor" / "README.md").read_text("utf-8")
    found = re.findall(r"^\| `(\S+)` .* `([0-9a-f]{64})` \|$", recorded, re.MULTILINE)
    assert [name for name, _ in found] == [path.name for path in sorted((FOLDER / "vendor").glob("*.js"))]
    for name, digest in found:
        assert hashlib.sha256((FOLDER / "vendor" / name).read_bytes()).hexdigest() == digest
    for license_file in re.findall(r"`(LICENSE\.\w+)`", recorded):
        assert (FOLDER / "vendor" / license_file).stat().st_size > 1000


def test_files_are_kept_by_browsers_and_pages_are_not(server: RunningServer) -> None:
    inspector = page(server, "/_double/")
    assert inspector.status == 200
    assert inspector.headers["cache-control"] == "no-store"
    addresses = re.findall(r'(?:src|href)="(\S+)"', inspector.body.decode())
    assert len(addresses) == 3
    for address in addresses:
        found = page(server, address)
        assert found.status == 200
        assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert found.headers["content-type"].partition(";")[0] in {"text/javascript", "text/css", "image/svg+xml"}
    older = re.sub(r"/assets/\w+/", "/assets/0123/", addresses[0])
    assert page(server, older).headers["cache-control"] == "no-store"
    assert page(server, "/_double/assets/0123/none.js").status == 404
    assert page(server, "/_double/assets/0123/../../journal.py").status == 404


def test_pages_allow_no_inline_script_and_no_other_server(server: RunningServer) -> None:
    for path in ("/", "/_double/"):
        policy = page(server, path).headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


def test_a_browser_without_a_key_gets_the_landing_page(server: RunningServer) -> None:
    landing = page(server, "/")
    assert landing.status == 200
    assert landing.headers["content-type"].startswith("text/html")
    text = landing.body.decode()
    assert f'value="{server.origin}/v1"' in text
    assert {'href="/_double/"', 'href="/docs"', 'href="/openapi.json"'} <= set(re.findall(r'href="[^"]+"', text))


def test_the_landing_page_writes_a_hostile_host_as_text(server: RunningServer) -> None:
    text = page(server, "/", Host='x"><script>alert(1)</script>').body.decode()
    assert "<script>alert" not in text


def test_clients_of_the_api_get_its_answer_at_the_root(server: RunningServer) -> None:
    for headers in ({}, {"Accept": "application/json"}, {"Accept": "*/*"}):
        refused = ask(server.origin, "GET", "/", headers=headers)
        assert refused.status == 401
        assert refused.error["message"].startswith("You didn't provide an API key.")
    for method, accept in (("GET", "*/*"), ("GET", "text/html"), ("POST", "text/html")):
        unknown = ask(server.origin, method, "/", headers={"Authorization": "Bearer sk-root", "Accept": accept})
        assert unknown.status == 404
        assert unknown.error["code"] == "unknown_url"
    assert ask(server.origin, "POST", "/", headers=BROWSER).status == 401


def test_the_address_without_a_slash_leads_to_the_inspector(server: RunningServer) -> None:
    moved = page(server, "/_double")
    assert (moved.status, moved.headers["location"]) == (307, "/_double/")


def test_pages_are_not_in_the_journal(serve: Serve) -> None:
    with serve(control_key="sk-control") as served:
        for path in ("/", "/_double", "/_double/"):
            page(served, path)
        listed = ask(served.origin, "GET", "/_double/sessions", headers={"Authorization": "Bearer sk-control"})
        assert b'"data": []' in listed.body
