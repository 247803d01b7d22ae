"""Recordings compared with the answers of the real API today."""
