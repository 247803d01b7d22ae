"""Loading script files, with a file, line and column for every mistake."""
