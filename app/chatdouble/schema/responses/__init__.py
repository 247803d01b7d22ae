"""The objects of the Responses API."""
