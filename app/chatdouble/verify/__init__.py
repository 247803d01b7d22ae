"""Recordings held against a real upstream: what has drifted."""
