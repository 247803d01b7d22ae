"""The script file format, as pydantic models."""
