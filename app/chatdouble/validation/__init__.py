"""Everything the real API refuses, and the words it does so in."""
