"""uvicorn's HTTP protocol with faster responses that can also be cut, and that paced streams write to directly."""
