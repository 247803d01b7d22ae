"""Control of sessions from a test."""
