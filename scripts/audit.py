"""Fail on a known vulnerability of what is locked, by pip-audit; tell what could not be looked up, and pass."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

LOCK: Final = Path(__file__).parents[1] / "requirements" / "dev.txt"


def main() -> int:
    """Print what was found and return the exit code."""
    command = ["pip-audit", "--disable-pip", "--require-hashes", "--progress-spinner=off", "--format=json"]
    done = subprocess.run([*command, f"--requirement={LOCK}"], capture_output=True, text=True, check=False)  # noqa: S603
    if not done.stdout.strip():
        why = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        print(f"audit: nothing was looked up, as without a network: {why}", file=sys.stderr)
        return 0
    packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    unknown = sum("skip_reason" in one for one in packages)
    found = [f"{one['name']} {one['version']}: {bad['id']}" for one in packages for bad in one.get("vulns", ())]
    print("\n".join(found), end="\n" if found else "")
    print(f"audit: looked up {len(packages) - unknown} packages: {len(found)} known vulnerabilities")
    if unknown:
        print(f"audit: {unknown} packages could not be looked up: the index has no advisories of them", file=sys.stderr)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
