"""What every fault is made of."""

from chatdouble.backend import Call
from chatdouble.chance import Chance
from chatdouble.delivery import Fault
from chatdouble.script.delivery_spec import FaultSpec


class Disturbance(Fault):
    """A fault with its options; a subclass names itself and overrides what it disturbs.

    Args:
        spec: The fault's options.
        chance: Chance for this answer's fault alone.
    """

    name = ""

    def __init__(self, spec: FaultSpec, chance: Chance) -> None:
        self.spec = spec
        self.chance = chance

    def before(self, call: Call) -> None:
        """Do what the fault does in place of the answer to a call.

        Raises:
            APIError: The fault answers with an error.
        """
