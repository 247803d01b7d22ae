"""Script files: the format, how files are read, how rules match and how replies are made."""
