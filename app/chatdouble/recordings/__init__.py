"""Recordings: an upstream's answers, stored as script files without their secrets."""
