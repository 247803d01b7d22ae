"""The API's objects, as pydantic reads them and as the wire carries them."""
