"""Importers: recordings and fixtures of other tools, converted to script files."""
