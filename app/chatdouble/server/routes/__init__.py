"""The HTTP routes, one module an area."""
