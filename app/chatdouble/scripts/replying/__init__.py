"""replying."""
