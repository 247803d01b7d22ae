"""The public backend interface: all that a backend needs, whoever wrote it."""

from chatdouble.backend.call import Call, Notes, Original, Services, call_of
from chatdouble.backend.delivery import Abort, Delivery, Fault, Head, Pace, Timed
from chatdouble.backend.interface import Answer, Backend, Options, Piece, Relay, RelayOther, Relays, Reply

__all__ = [
    "Abort",
    "Answer",
    "Backend",
    "Call",
    "Delivery",
    "Fault",
    "Head",
    "Notes",
    "Options",
    "Original",
    "Pace",
    "Piece",
    "Relay",
    "RelayOther",
    "Relays",
    "Reply",
    "Services",
    "Timed",
    "call_of",
]
