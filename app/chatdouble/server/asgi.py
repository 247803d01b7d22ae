"""`app`, configured by the environment: for `uvicorn chatdouble.asgi:app`."""

import os
from pathlib import Path

from chatdouble.server.application import create_app
from chatdouble.settings import load

_config = os.environ.get("CHATDOUBLE_CONFIG")

app = create_app(load({}, os.environ, Path(_config) if _config else None))
