"""The count of functions and files has a row for each kind of request."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from bench.calls import INVALID, PLAIN, REPLAY, STREAM, count, table

ROOT: Final = Path(__file__).parents[2]


async def test_every_kind_of_request_is_counted() -> None:
    found = await count()
    assert [kind for kind, _ in found] == [PLAIN, INVALID, STREAM, REPLAY]
    for kind, passed in found:
        names = {code.co_name for code in passed.functions}
        assert len(passed.files) < len(passed.functions) <= passed.changes + len(passed.functions)
        assert (len(passed.functions) <= kind.functions, len(passed.files) <= kind.files) == (True, True)
        assert ("compose" in names) is (kind in (PLAIN, STREAM))
    assert len(re.findall(r"^\| a .* \|$", table(found), re.MULTILINE)) == len(found)


def test_a_count_is_the_same_every_time() -> None:
    printed = [subprocess.check_output([sys.executable, "-m", "bench.calls"], cwd=ROOT) for _ in range(2)]
    assert printed[0] == printed[1]
