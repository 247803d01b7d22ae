"""Recordings: what an upstream answered, without its secrets, as script files."""
