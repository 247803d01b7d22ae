"""Tools for tests: a double in a thread or without a socket, turns of a conversation, and requests to look at."""

from chatdouble.client.connection import ControlError
from chatdouble.testing.asked import Request, Requests
from chatdouble.testing.double import Double, double
from chatdouble.testing.gate import Gate
from chatdouble.testing.transport import Transport, transport
from chatdouble.testing.turns import Turn, turn

__all__ = [
    "ControlError",
    "Double",
    "Gate",
    "Request",
    "Requests",
    "Transport",
    "Turn",
    "double",
    "transport",
    "turn",
]
