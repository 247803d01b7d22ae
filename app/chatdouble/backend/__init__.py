"""The public backend interface: all that a backend needs, whoever wrote it."""

from chatdouble.backend.call import Call, Services, call_of
from chatdouble.backend.delivery import Abort, Delivery, Fault, Head, Pace, Stop, Timed
from chatdouble.backend.interface import Answer, Backend, Known, Options, Piece, Relay, RelayOther, Relays, Reply
from chatdouble.backend.notes import Notes
from chatdouble.backend.original import Original

__all__ = [
    "Abort",
    "Answer",
    "Backend",
    "Call",
    "Delivery",
    "Fault",
    "Head",
    "Known",
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
    "Stop",
    "Timed",
    "call_of",
]
