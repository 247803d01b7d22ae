"""GET /metrics: what was answered, by route and status, in Prometheus' format."""

from prometheus_client.parser import text_string_to_metric_families

from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import ask, chat


def counted(server: RunningServer) -> dict[tuple[str, str, str], float]:
    """Return the requests counted by method, route and status."""
    text = ask(server.origin, "GET", "/metrics").body.decode()
    return {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "chatdouble_request_seconds_count"
    }


def test_requests_are_counted_by_route_and_status(serve: Serve) -> None:
    with serve(log_level="error") as served:
        for _ in range(2):
            chat(served.origin)
        chat(served.origin, stream=True)
        chat(served.origin, temperature=3)
        ask(served.origin, "GET", "/v1/models/gpt-4o", headers={"Authorization": "Bearer sk-test"})
        ask(served.origin, "GET", "/v1/nope/1", headers={"Authorization": "Bearer sk-test"})
        assert counted(served) == {
            ("POST", "/chat/completions", "200"): 3,
            ("POST", "/chat/completions", "400"): 1,
            ("GET", "/models", "200"): 1,
            ("GET", "other", "404"): 1,
        }


def test_probes_and_scrapes_are_not_counted(serve: Serve) -> None:
    with serve() as served:
        for path in ("/health", "/ready", "/docs", "/metrics"):
            ask(served.origin, "GET", path)
        assert counted(served) == {}
