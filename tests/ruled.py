"""Rules of a running server for tests: the script that they share, added rules and what they say."""

import json
from typing import Any, Final

from chatdouble.testing.server import RunningServer
from raw import ask, control

CONTROL: Final = "sk-control"
SCRIPT: Final = """\
- name: weather
  when: {user: "weather*"}
  reply: Rain.
- when: {user: Again}
  sequence: [one, two, three]
  then: unmatched
- when: {endpoint: GET /things}
  reply: {body: {json: {things: 1}}}
"""


def said(server: RunningServer, key: str, text: str, **headers: str) -> str:
    """Return the text of an answer, or the code of an error."""
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": text}]}).encode()
    own = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    answer = json.loads(ask(server.origin, "POST", "/v1/chat/completions", body, own | headers).body)
    found: str = answer["error"]["code"] if "error" in answer else answer["choices"][0]["message"]["content"]
    return found


def add(server: RunningServer, key: str, rule: Any, position: str = "first", query: str = "") -> str:
    """Add a rule and return its id."""
    found: str = control(server, key, "POST", f"rules{query}", {"rule": rule, "position": position})["id"]
    return found
