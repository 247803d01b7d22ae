"""Completions made of drafts: what every backend uses to answer a request."""
