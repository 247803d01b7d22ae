"""Secrets planted in every place of requests and answers appear in no recording, journal or log."""

import json
from pathlib import Path
from typing import Any

import orjson

from processes import Served, serving
from raw import ask
from upstreams import DONE, STREAM, Responder, chunk, upstream

LETTERS = "abcdefghijABCDEFGHIJ0123456789klmnop"


def planted(name: str) -> str:
    """Return a key with the name of its place in it, so that a leaked one can be traced."""
    return f"sk-{name}-{LETTERS}"


KEYS = {
    name: planted(name)
    for name in (
        "auth",
        "upstream",
        "system",
        "user",
        "tool",
        "argument",
        "escaped",
        "answer",
        "split",
        "token",
        "name",
        "parted",
        "hexadecimal",
    )
}
VALUES = {
    "azure": "0123456789abcdef0123456789abcdef",
    "cookie": "cookie-value-of-mine",
    "bm": "cf-bm-value-of-theirs",
    "organization": "acme-incorporated",
    "project": "proj-of-acme",
    "their organization": "their-organization-slug",
    "their project": "their-project-name",
    "org id": "org-ABCDEFGHIJKLMNOPQRSTUVWX",
    "proxy": "cHJveHk6cGFzc3dvcmQ=",
    "pattern": "CUST-123456",
    "mail": "somebody.private@example.org",
}
HALF = len(KEYS["split"]) // 2


def request(**more: Any) -> bytes:
    """Return a request with a secret in every place."""
    escaped = "\\u0073" + KEYS["escaped"][1:]
    body = {
        "model": "gpt-4o",
        "messages": [
            {"role": "system", "content": f"Use {KEYS['system']} and {VALUES['azure']}."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": f"{KEYS['user']} {VALUES['pattern']} {VALUES['mail']}"},
                    {"type": "text", "text": f"{KEYS['hexadecimal'].encode().hex()} {KEYS['parted'][:HALF]}"},
                    {"type": "text", "text": KEYS["parted"][HALF:]},
                ],
            },
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "f", "arguments": json.dumps({"key": KEYS["argument"], KEYS["name"]: 1})},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": f"{KEYS['tool']} {VALUES['cookie']} @@"},
        ],
        "metadata": {"team": f"{VALUES['organization']} {VALUES['project']}"},
        "store": True,
        **more,
    }
    return orjson.dumps(body).replace(b"@@", escaped.encode())


HEADERS = {
    "content-type": "application/json",
    "authorization": f"Bearer {KEYS['auth']}",
    "api-key": VALUES["azure"],
    "cookie": f"session={VALUES['cookie']}",
    "openai-organization": VALUES["organization"],
    "openai-project": VALUES["project"],
    "proxy-authorization": f"Basic {VALUES['proxy']}",
}
UPSTREAM_HEADERS = [
    (b"set-cookie", f"__cf_bm={VALUES['bm']}; Path=/".encode()),
    (b"openai-organization", VALUES["their organization"].encode()),
    (b"openai-project", VALUES["their project"].encode()),
    (b"x-unknown", KEYS["answer"].encode()),
]


def leaky_text() -> str:
    """Return a text with every secret that an upstream knows."""
    return " ".join([KEYS["answer"], *VALUES.values(), KEYS["upstream"], KEYS["auth"]])


def whole() -> bytes:
    """Return an answer with a secret in every place."""
    pieces = ["the ", KEYS["token"][:HALF], KEYS["token"][HALF:]]
    tokens: list[dict[str, Any]] = [
        {"token": piece, "logprob": -1, "bytes": [*piece.encode()], "top_logprobs": [{"token": piece, "bytes": []}]}
        for piece in pieces
    ]
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": json.dumps({"k": KEYS["answer"]})}}
    choice: dict[str, Any] = {
        "index": 0,
        "message": {"content": leaky_text(), "tool_calls": [call]},
        "logprobs": {"content": tokens},
    }
    return json.dumps({"id": "chatcmpl-1", "choices": [choice], "error": {"message": leaky_text()}}, indent=2).encode()


def stream() -> bytes:
    """Return a stream with secrets within frames and split over frames."""
    call = {"index": 0, "function": {"arguments": KEYS["split"][:HALF]}}
    rest = {"index": 0, "function": {"arguments": KEYS["split"][HALF:]}}
    return b"".join(
        (
            chunk(leaky_text()),
            chunk(f"it is {KEYS['split'][:HALF]}", index=0),
            chunk(None, delta={"tool_calls": [call]}),
            chunk(KEYS["split"][HALF:]),
            chunk(None, delta={"tool_calls": [rest]}),
            f": {KEYS['answer']}\r\n\r\n".encode(),
            b"data: \xff %b\n\n" % KEYS["answer"].encode(),
            DONE,
        )
    )


async def behave(answer: Responder) -> None:
    """Respond with secrets."""
    body: Any = answer.request.json
    if answer.request.body.startswith(b"["):
        await answer.whole(400, UPSTREAM_HEADERS, leaky_text().encode())
    elif body.get("stream"):
        # Pieces of 23 bytes cut keys and frames.
        events = stream()
        await answer.stream([events[at : at + 23] for at in range(0, len(events), 23)], [*STREAM, *UPSTREAM_HEADERS])
    elif body.get("n"):
        await answer.whole(400, [(b"content-type", b"text/plain"), *UPSTREAM_HEADERS], leaky_text().encode())
    else:
        await answer.whole(200, [(b"content-type", b"application/json"), *UPSTREAM_HEADERS], whole())


def output(served: Served) -> str:
    """Stop a server and return what it wrote to its log."""
    served.process.terminate()
    assert served.process.stdout is not None
    return served.process.stdout.read()


def test_no_planted_secret_is_written_anywhere(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / "recordings.toml").write_text("secrets = ['CUST-\\d{6}']\nemails = true\n")
    with upstream(behave) as above:
        flags = ["--upstream", above.base_url, "--upstream-key", KEYS["upstream"], "--log-level", "debug"]
        with serving(*flags, "--mode", "record", "--recordings", str(folder)) as served:
            for more in ({}, {"stream": True}, {"n": 2}):
                answer = ask(served.origin, "POST", "/v1/chat/completions", request(**more), HEADERS)
                assert KEYS["answer"].encode() in answer.body
                another = {**HEADERS, "x-double-session": "another"}
                again = ask(served.origin, "POST", "/v1/chat/completions", request(**more), another)
                assert KEYS["answer"].encode() not in again.body
            broken = orjson.dumps([KEYS["user"]])
            ask(served.origin, "POST", "/v1/chat/completions", broken, HEADERS)
            ask(served.origin, "POST", f"/v1/{KEYS['user']}", b"{}", HEADERS)
            journal = ask(served.origin, "GET", "/_double/requests", headers=HEADERS).body.decode()
            log = output(served)
    assert len([*folder.glob("*.yaml")]) == 4
    assert [asked.header("authorization") for asked in above.received] == [f"Bearer {KEYS['upstream']}"] * 5
    assert "call_1" in journal
    written = {path.name: path.read_text() + path.name for path in folder.glob("*.yaml")}
    # The secrets of recordings.toml are redacted in the folder, but not in the journal.
    own = {name: value for name, value in VALUES.items() if name not in ("pattern", "mail")}
    hidden = {**KEYS, **VALUES}
    for name, text in written.items():
        assert [place for place, value in hidden.items() if value in text] == [], name
        assert [place for place in ("split", "token", "parted") if KEYS[place][HALF:] in text] == []
        assert KEYS["hexadecimal"].encode().hex() not in text
    for text in (journal, log):
        assert KEYS["parted"][HALF:] not in text
        assert KEYS["hexadecimal"].encode().hex() not in text
        given = {**KEYS, **{name: own[name] for name in ("azure", "cookie", "organization", "project", "proxy")}}
        assert [place for place, value in given.items() if value in text] == []
