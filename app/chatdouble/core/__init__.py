"""Errors, time, chance, ids, JSON and other foundations that depend on nothing else here."""
