"""Certificates and proxies from the environment, for a server in its own process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from certificates import self_signed
from processes import serving
from raw import chat
from upstreams import JSON, Responder, Upstream, answering, upstream


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Return the files of a self-signed certificate for 127.0.0.1 and of its key."""
    return self_signed(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def secured(certificate: tuple[str, str]) -> Iterator[Upstream]:
    """Return an upstream that uses TLS with that certificate."""
    made, key = certificate
    with upstream(answering(200, JSON, b"{}"), ssl_certfile=made, ssl_keyfile=key) as above:
        yield above


def _base(above: Upstream) -> str:
    return above.base_url.replace("http:", "https:")


def test_an_untrusted_certificate_is_a_502(secured: Upstream) -> None:
    with serving("--upstream", _base(secured), "--mode", "passthrough") as served:
        answer = chat(served.origin)
    assert (answer.status, answer.error["code"]) == (502, "upstream_tls_error")
    assert "TLS failed: self-signed certificate" in answer.error["message"]
    assert secured.received == []


def test_the_environments_certificates_are_trusted(secured: Upstream, certificate: tuple[str, str]) -> None:
    with serving("--upstream", _base(secured), "--mode", "passthrough", SSL_CERT_FILE=certificate[0]) as served:
        assert chat(served.origin).status == 200
    assert len(secured.received) == 1


def test_the_environments_proxy_is_used(tmp_path: Path) -> None:
    seen: list[str | None] = []

    async def proxy(answer: Responder) -> None:
        seen.append(answer.request.header("host"))
        await answer.whole(200, JSON, b"{}")

    variables = {"HTTP_PROXY": "", "ALL_PROXY": "", "NO_PROXY": ""}
    with upstream(proxy) as between:
        variables["http_proxy"] = between.origin
        with serving("--upstream", "http://api.example.test/v1", "--mode", "passthrough", **variables) as served:
            assert chat(served.origin).status == 200
    assert seen == ["api.example.test"]
