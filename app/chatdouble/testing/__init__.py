"""Tools for test suites: a server in a thread, a command run against a server, conformance tests of backends."""
