"""What a test suite uses: a server in a thread, the pytest plugin, conformance of backends."""
