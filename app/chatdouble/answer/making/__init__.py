"""What a request asks a model to make: calls of its tools, and JSON."""
