"""Checks, one small function for each kind of problem."""
