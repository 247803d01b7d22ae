"""The layers around every backend."""
