"""The default backend: the one that the other settings imply."""

from chatdouble.backend import Backend, Options
from chatdouble.core.files import files, is_folder


def make(options: Options) -> Backend:
    """Return `script` if there are script files, else `upstream` if it has something to answer from, else `echo`."""
    # A container image names a folder that may be empty, so a folder without script files implies nothing.
    if any(not is_folder(path) or any(files(path)) for path in options.scripts):
        return options.other("script")
    # A mode other than replay wants an upstream; its backend reports what is missing.
    wants_upstream = options.upstream or options.recordings or options.mode != "replay"
    return options.other("upstream" if wants_upstream else "echo")
