"""The fault `wrong_content_type`: a head that says the body is something else."""

from typing import Final

from chatdouble.delivery import Head
from chatdouble.layers.faults.base import Disturbance

HTML: Final = "text/html; charset=utf-8"


class WrongContentType(Disturbance):
    """Sends another content type, HTML's unless one is given."""

    name = "wrong_content_type"

    def on_head(self, head: Head) -> Head:
        """Return the head with the content type replaced."""
        return head.replacing(b"content-type", (self.spec.content_type or HTML).encode("latin-1", "replace"))
