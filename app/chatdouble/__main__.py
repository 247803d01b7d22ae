"""The process's entry: the command `chatdouble`, and `python -m chatdouble`."""

import gc
from typing import Final

_OBJECTS: Final = 200_000
"""More than what is imported, all of which stays: to look through it for garbage would take a sixth of a start."""


def main() -> None:
    """Run the command line."""
    gc.set_threshold(_OBJECTS)
    from chatdouble.cli.main import main as run  # noqa: PLC0415 - all that is imported comes after that

    run()


if __name__ == "__main__":
    main()
