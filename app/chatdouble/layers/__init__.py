"""What wraps a backend: pace, faults, limits."""
