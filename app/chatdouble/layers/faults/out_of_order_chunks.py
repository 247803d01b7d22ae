"""The fault `out_of_order_chunks`: two neighbours change places."""

from collections.abc import Iterator
from typing import Any

from chatdouble.delivery import Timed
from chatdouble.layers.faults.base import Disturbance
from chatdouble.layers.faults.contents import changed_body
from chatdouble.layers.faults.position import chunks_before


class OutOfOrderChunks(Disturbance):
    """Swaps one chunk, the second unless told otherwise, with the next; of a whole answer, the order of its choices."""

    name = "out_of_order_chunks"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames, two of them swapped, each due when its place is."""
        for count, (due, frame) in enumerate(frames):
            following = next(frames, None) if count == chunks_before(self.spec) else None
            if following is None:
                yield due, frame
            else:
                yield due, following[1]
                yield following[0], frame

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return the body with its choices in reverse order."""
        return changed_body(pieces, _reverse)


def _reverse(completion: dict[str, Any]) -> None:
    choices = completion.get("choices")
    if isinstance(choices, list):
        choices.reverse()
