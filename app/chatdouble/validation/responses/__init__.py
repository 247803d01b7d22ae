"""Refusals of the Responses API."""
