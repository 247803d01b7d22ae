"""Recorded exchanges of the real API, relayed, recorded and replayed byte for byte."""

import json
from pathlib import Path
from typing import Any

import orjson

from chatdouble.recordings.recordings import RETRIED_STATUSES
from chatdouble.recordings.redaction import Scrubber
from chatdouble_backends.upstream.recorder import REFUSED_STATUSES
from conftest import Serve
from corpora import exchanges, full_corpora
from raw import ask
from upstreams import Behaviour, Pairs, Responder, upstream

ROW = "x-row"
ENCODED = ("content-encoding", "content-length", "transfer-encoding")


def body_of(row: dict[str, Any]) -> bytes:
    """Return the bytes of a recorded answer, as the API writes them (answers#formatting, streams#framing)."""
    sse: str | None = row.get("response_sse")
    if sse is not None:
        return sse.encode()
    return json.dumps(row["response_body"], indent=2, ensure_ascii=False).encode() + b"\n"


def playing(rows: list[dict[str, Any]]) -> Behaviour:
    """Return a behaviour that answers with the row that the request names."""

    async def behave(answer: Responder) -> None:
        row = rows[int(answer.request.header(ROW) or 0)]
        headers = {name: value for name, value in row["response_headers"].items() if name not in ENCODED}
        kept: Pairs = [(name.encode(), value.encode()) for name, value in headers.items() if value.isprintable()]
        body = body_of(row)
        if "response_sse" in row:
            await answer.stream([body[at : at + 700] for at in range(0, len(body), 700)], kept)
        else:
            await answer.whole(row["status"], kept, body)

    return behave


@full_corpora
def test_every_recorded_exchange_is_replayed_byte_for_byte(serve: Serve, tmp_path: Path) -> None:
    rows = [row for row in exchanges() if row["method"] == "POST"]
    plain = again = 0
    settings = {"recordings": tmp_path, "allow_mode_header": True}
    with upstream(playing(rows)) as above, serve(upstream=above.base_url, **settings) as served:
        for number, row in enumerate(rows):
            sent = orjson.dumps(row["request_body"])
            headers = {"content-type": "application/json", "authorization": "Bearer sk-test", ROW: str(number)}
            path = "/v1/chat/completions"
            first = ask(served.origin, "POST", path, sent, headers | {"x-double-mode": "rerecord"})
            assert (first.status, first.body) == (row["status"], body_of(row))
            replayed = ask(served.origin, "POST", path, sent, headers | {"x-double-mode": "record"})
            assert replayed.status == row["status"]
            again += row["status"] in RETRIED_STATUSES | REFUSED_STATUSES
            assert len(above.received) == number + 1 + again
            assert replayed.headers.get("content-type") == first.headers.get("content-type")
            if not Scrubber().spans(first.body.decode()):
                assert replayed.body == first.body
                plain += 1
    assert plain > len(rows) * 0.95
