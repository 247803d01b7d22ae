"""Response headers in the wire's order."""

from dataclasses import replace

from calls import services
from chatdouble.backend import Call
from chatdouble.core.clock import Clock
from chatdouble.core.errors import APIError
from chatdouble.core.head import RequestHeaders, merged, request_path
from chatdouble.http.headers import Headers

PATH = "/v1/chat/completions"
CLOCK = Clock(lambda: 0.0, lambda: 10.0424)


def asked(**headers: str) -> Call:
    given = RequestHeaders([(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()])
    id_ = "req_0123456789abcdef0123456789abcdef"
    return Call("POST", PATH, request_path(PATH), given, replace(services(), clock=CLOCK), arrived=10.0, id=id_)


def test_an_answers_headers_are_the_apis_in_its_order() -> None:
    headers = Headers("org-double").of(asked())
    assert [(name, value) for name, value in headers if name != b"openai-project"] == [
        (b"strict-transport-security", b"max-age=31536000; includeSubDomains; preload"),
        (b"x-content-type-options", b"nosniff"),
        (b"access-control-expose-headers", b"X-Request-ID"),
        (b"openai-organization", b"org-double"),
        (b"openai-processing-ms", b"42"),
        (b"openai-version", b"2020-10-01"),
        (b"x-openai-proxy-wasm", b"v0.1"),
        (b"x-request-id", b"req_0123456789abcdef0123456789abcdef"),
    ]
    project = dict(headers)[b"openai-project"]
    assert (project[:5], len(project)) == (b"proj_", 29)


def test_organization_and_project_repeat_the_requests() -> None:
    call = asked(openai_organization="org-mine", openai_project="proj_mine")
    headers = dict(Headers("org-double").of(call))
    assert (headers[b"openai-organization"], headers[b"openai-project"]) == (b"org-mine", b"proj_mine")


def test_a_browser_may_read_the_answer() -> None:
    headers = dict(Headers("o").of(asked(origin="http://localhost:3000")))
    assert headers[b"access-control-allow-origin"] == b"*"
    assert b"access-control-allow-origin" not in dict(Headers("o").of(asked()))


def test_an_error_from_behind_the_edge_has_an_answers_headers() -> None:
    made = Headers("o")
    assert made.of_error(APIError("no"), asked()) == made.of(asked())


def test_an_error_from_the_edge_has_none_of_openais_and_its_own() -> None:
    error = APIError("slow down", status=429).with_headers({"Retry-After": "20"})
    headers = dict(Headers("o").of_error(error, asked()))
    assert not [name for name in headers if name.startswith(b"openai-")]
    assert (headers[b"vary"], headers[b"retry-after"]) == (b"Origin", b"20")
    assert headers[b"x-request-id"] == b"req_0123456789abcdef0123456789abcdef"


def test_further_headers_replace_those_of_the_same_name() -> None:
    assert merged([(b"a", b"1"), (b"b", b"2")], {"A": "3", "c": "4"}) == [(b"b", b"2"), (b"a", b"3"), (b"c", b"4")]


def test_line_breaks_in_further_headers_are_left_out() -> None:
    assert merged([], {"x-evil\r\n": "1\r\nset-cookie: 2\u20ac"}) == [(b"x-evil", b"1set-cookie: 2?")]
