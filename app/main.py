"""`uvicorn app.main:app` from a checkout."""

from chatdouble.server.asgi import app

__all__ = ["app"]
