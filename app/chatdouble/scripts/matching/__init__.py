"""Matching requests against rules."""
