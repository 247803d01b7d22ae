"""The HTTP surface, one file per area."""
