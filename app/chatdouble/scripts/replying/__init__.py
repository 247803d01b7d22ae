"""Turning a rule's reply into an answer of the API."""
