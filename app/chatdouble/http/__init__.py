"""From answers to bytes: JSON bodies, chunks, SSE frames."""
