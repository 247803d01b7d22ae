"""uvicorn_protocol."""
