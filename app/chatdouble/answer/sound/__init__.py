"""Sound that plays, made by hand: each format is one small writer of a stretch of seconds."""
