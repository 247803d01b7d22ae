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
        assert ("compose" in names) is (kind in (PLAIN, STREAM))
    assert len(re.findall(r"^\| a .* \|$", table(found), re.MULTILINE)) == len(found)


def test_a_count_is_the_same_every_time_and_reaches_its_goals() -> None:
    # In processes of their own, as other tests leave things in this one.
    printed = [subprocess.check_output([sys.executable, "-m", "bench.calls"], cwd=ROOT, text=True) for _ in range(2)]
    assert printed[0] == printed[1]
    rows = re.findall(r"^\| (a .*?) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|", printed[0], re.MULTILINE)
    assert [row[0] for row in rows] == [kind.name for kind in (PLAIN, INVALID, STREAM, REPLAY)]
    assert [row for row in rows if int(row[1]) > int(row[2]) or int(row[3]) > int(row[4])] == []
