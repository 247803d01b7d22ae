"""A test double for the OpenAI API."""
