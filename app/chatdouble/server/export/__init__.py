"""Exports of the journal: as JSON, for other tools, and as scripts that give the same answers again."""
