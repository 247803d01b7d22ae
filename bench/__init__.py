"""How fast the server is: against what its stack can do at best, and against its peers."""
