"""Faults: what each does to a stream and to a whole answer, and the layer that applies them."""
