"""Recordings and fixtures of other tools, made into script files."""
