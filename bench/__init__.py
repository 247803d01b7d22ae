"""The server's speed, beside the best its stack can do and beside its peers."""
