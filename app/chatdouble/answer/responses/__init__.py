"""Responses made of completions."""
