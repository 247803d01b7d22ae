"""The errors that scripts know by name, made for one call."""

from calls import call
from chatdouble.core.errors import APIError
from chatdouble.scripts.replying.default_errors import NAMED_ERRORS


def named_errors() -> dict[str, APIError]:
    """Return each error by its name, as it answers a call of gpt-4o."""
    asked = call(headers={"authorization": "Bearer sk-test-key"})
    return {name: make(asked, 20.0) for name, make in NAMED_ERRORS.items()}
