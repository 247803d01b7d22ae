"""Clients of a running server's control API."""
