"""The server without what it does beside answering: `python -m bench.bare PORT`."""

import sys
from unittest.mock import patch

from chatdouble.backend import Backend
from chatdouble.layers import stack
from chatdouble.server import serving
from chatdouble.server.application import create_app
from chatdouble.settings import Settings


def main(port: str) -> None:
    """Serve with no journal and no limits."""
    with patch.object(
        stack, "Limits", _unlimited
    ):  # limits that are not set are still counted, and cannot be turned off
        app = create_app(Settings(port=int(port), journal_size=0))
    serving.run(app)


def _unlimited(inner: Backend, *_: object) -> Backend:
    return inner


if __name__ == "__main__":
    main(*sys.argv[1:])
