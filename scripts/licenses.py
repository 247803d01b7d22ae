"""List the licenses of all that a user installs with chatdouble; fail on one that is not on the allow list."""

import re
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Final

from packaging.markers import Marker

LOCK: Final = Path(__file__).parents[1] / "requirements" / "run.txt"
ALLOWED: Final = frozenset(
    {"MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "ISC", "MPL-2.0", "PSF-2.0", "CNRI-Python"}
)
# What a package calls its license where it has no SPDX expression: in its classifiers, or else in its `License` field.
SPDX: Final[Mapping[str, str]] = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
# What is locked for other platforms, or older Pythons, only.
ELSEWHERE: Final[Mapping[str, str]] = {
    "async-timeout": "Apache-2.0",
    "colorama": "BSD-3-Clause",
    "httpx2-jsfetch": "BSD-3-Clause",
}


def expression(name: str) -> str:
    """Return a package's license as an SPDX expression, or in its own words if they are not known here.

    Raises:
        PackageNotFoundError: It is neither installed nor known to be for other platforms or Pythons only.
    """
    try:
        said = metadata(name)
    except PackageNotFoundError:
        if name in ELSEWHERE:
            return ELSEWHERE[name]
        raise
    spdx: list[str] = said.get_all("License-Expression", [])
    classifiers: list[str] = said.get_all("Classifier", [])
    words: list[str] = said.get_all("License", [])
    classified = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")]
    return " AND ".join(spdx or (SPDX.get(one, one) for one in classified or words))


def allowed(license_expression: str) -> bool:
    """Return True if all parts of an SPDX expression are on the list, alternatives included."""
    parts = {part.strip() for part in re.split(r" AND | OR |[()]", license_expression)} - {""}
    return bool(parts) and parts <= ALLOWED


def main() -> int:
    """Print a line for each package and return the exit code."""
    lines = re.findall(r"^([a-z0-9.-]+)==\S+(?: ; ([^\\]+?))? \\$", LOCK.read_text("utf-8"), re.MULTILINE)
    names = [name for name, marker in lines if not marker or Marker(marker).evaluate()]
    found = {name: expression(name) for name in names}
    width = max(map(len, found))
    print("\n".join(f"{name:{width}}  {found[name]}" for name in found))
    refused = [name for name in found if not allowed(found[name])]
    if refused:
        print(f"licenses: not on the allow list of {Path(__file__).name}: {', '.join(refused)}", file=sys.stderr)
    return bool(refused)


if __name__ == "__main__":
    sys.exit(main())
