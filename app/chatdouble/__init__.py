"""A test double for the OpenAI Chat Completions API."""
