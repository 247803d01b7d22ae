"""JSON Schema: the strict rules of structured outputs, generated instances, and validation."""
