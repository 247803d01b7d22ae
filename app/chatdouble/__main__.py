"""Entry point of the command `chatdouble` and of `python -m chatdouble`."""

import gc
import os
import sys
from typing import Final

# Imports make fewer objects than this, and all of them stay: collecting among them would take a sixth of a start.
_COLLECT_AFTER: Final = 200_000


def main() -> None:
    """Run the command line."""
    gc.set_threshold(_COLLECT_AFTER)
    if sys.argv[1:2] == ["serve"]:
        # To look for plugins of pydantic in every installed package would take a twentieth of a start.
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from chatdouble.cli.main import main as run  # noqa: PLC0415 - imports come after the threshold is set

    run()


if __name__ == "__main__":
    main()
