"""`uvicorn app.main:app` from a checkout."""

from chatdouble.asgi import app as app  # noqa: PLC0414 - the re-export is the file's purpose
