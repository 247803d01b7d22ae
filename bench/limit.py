"""The limit: an ASGI application that reads the request and sends bytes that were made before.

Run as `python -m bench.limit PORT FOLDER`: POST /NAME answers with the bytes of the file NAME, whole; /NAME/frames
sends them as a stream, one event a message; /NAME/at-once in one; /NAME/paced/RATE so many events a second.
"""

import asyncio
import gc
import sys
from pathlib import Path
from typing import Any, Final

import uvicorn

from bench.process import HOST, Answer

_EVENTS: Final = b"text/event-stream; charset=utf-8"
_JSON: Final = b"application/json"


class Limit:
    """The application.

    Args:
        folder: The files of answers.
    """

    def __init__(self, folder: Path) -> None:
        self._bodies = {file.name: file.read_bytes() for file in folder.iterdir()}
        self._frames = {name: Answer(200, body).frames for name, body in self._bodies.items()}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        while (await receive()).get("more_body"):
            pass
        _, name, *manner = scope["path"].split("/")
        if not manner:
            await self._whole(name, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", _EVENTS)]})
        if manner == ["at-once"]:
            await send({"type": "http.response.body", "body": self._bodies[name], "more_body": True})
        elif manner == ["frames"]:
            for frame in self._frames[name]:
                await send({"type": "http.response.body", "body": frame, "more_body": True})
        else:
            await self._paced(self._frames[name], 1 / float(manner[1]), send)
        await send({"type": "http.response.body", "body": b""})

    async def _whole(self, name: str, send: Any) -> None:
        body = self._bodies[name]
        headers = [(b"content-type", _JSON), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _paced(self, frames: list[bytes], gap: float, send: Any) -> None:
        """Send the first two frames at once, then one each gap, by absolute times."""
        clock = asyncio.get_running_loop().time
        started = clock()
        for number, frame in enumerate(frames):
            wait = started + max(0, number - 1) * gap - clock()
            if wait > 0:
                await asyncio.sleep(wait)
            await send({"type": "http.response.body", "body": frame, "more_body": True})


def main(port: str, folder: str) -> None:
    """Serve on uvicorn as it is, with what costs time for nothing turned off."""
    gc.disable()  # it leaves no garbage, and to look for some would make paced streams late
    uvicorn.run(
        Limit(Path(folder)),
        host=HOST,
        port=int(port),
        http="httptools",
        ws="none",
        lifespan="off",
        interface="asgi3",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
