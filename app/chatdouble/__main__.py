"""Entry point of the command `chatdouble` and of `python -m chatdouble`."""

import gc
import os
import sys
from collections.abc import Sequence

# Without `Final`: until `main` runs, Ctrl+C shows a traceback, and typing takes most of that time to import.
# Imports make fewer objects than this, and all of them stay: collecting among them would take a sixth of a start.
_COLLECT_AFTER = 200_000
_FAILED = 2
_INTERRUPTED = 130
"""The exit code of a command that Ctrl+C ends."""


def main() -> None:
    """Run the command line."""
    gc.set_threshold(_COLLECT_AFTER)
    try:
        if reconfigure := getattr(sys.stdout, "reconfigure", None):  # it may be closed
            # What JSON may have and no encoding does, such as half a pair of surrogates, is printed as JSON escapes it.
            reconfigure(errors="backslashreplace")
        if sys.argv[1:2] == ["serve"]:
            _serve(sys.argv[2:])
        from chatdouble.cli.main import main as run  # noqa: PLC0415 - imports come after the threshold is set

        run()
    except KeyboardInterrupt:  # already while modules are imported
        sys.exit(_INTERRUPTED)
    except OSError as failed:  # the disk that the output goes to is full, for example
        sys.stderr.write(f"chatdouble: {failed.strerror or failed}\n")
        # Python writes what is left of the output when it ends, and would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(_FAILED)
    except Exception as failed:
        if os.environ.get("CHATDOUBLE_LOG_LEVEL") == "debug":
            raise
        what = ascii(f"{type(failed).__name__}: {failed}")[1:-1]
        sys.stderr.write(f"chatdouble: unforeseen {what}; CHATDOUBLE_LOG_LEVEL=debug shows where\n")
        sys.exit(_FAILED)


def _serve(arguments: Sequence[str]) -> None:
    """Serve and exit, unless there is a mistake in the arguments, or a wish for help."""
    # To look for plugins of pydantic in every installed package would take a twentieth of a start.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from chatdouble.cli import flags  # noqa: PLC0415 - as above

    read = flags.read(arguments, os.environ)
    if read is None:
        return
    sys.exit(flags.start(*read))


if __name__ == "__main__":
    main()
