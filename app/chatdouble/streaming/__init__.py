"""Streams: completions sliced into chunks, chunks folded into completions, and the frames that carry chunks."""
