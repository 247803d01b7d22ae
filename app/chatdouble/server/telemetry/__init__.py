"""OpenTelemetry: spans and measurements of requests to the API; imported only where it is configured."""
