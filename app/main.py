"""`uvicorn app.main:app` from a checkout."""
