"""YAML from anywhere is bounded: aliases of aliases, values that contain themselves, depth."""

import gzip
from pathlib import Path

import pytest

from chatdouble.core.yaml import parsed
from chatdouble.importers import vcr
from chatdouble.scripts.reading.source import Source, SourceError
from processes import run

REPEATED = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{level}: &a{level} [{','.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 9)
)
TOO_MANY = "its aliases stand for more than 1,000,000 values"


def test_aliases_stand_for_a_bounded_number_of_values() -> None:
    assert parsed(b"a: &a [1, 2]\nb: *a\n") == {"a": [1, 2], "b": [1, 2]}
    with pytest.raises(ValueError, match=TOO_MANY):
        parsed(REPEATED.encode())
    with pytest.raises(SourceError, match=TOO_MANY) as caught:
        _ = Source("rules.yaml", REPEATED).value
    assert caught.value.place.line > 1


@pytest.mark.parametrize("text", ["a: &a [*a]", "&a {b: {c: *a}}"])
def test_a_value_is_no_part_of_itself(text: str) -> None:
    with pytest.raises(ValueError, match="an alias stands for what it is a part of"):
        parsed(text.encode())


def test_depth_is_bounded() -> None:
    with pytest.raises(ValueError, match="nesting depth"):
        parsed(b"[" * 5000 + b"]" * 5000)
    # Python 3.13 and later take more levels than those before.
    with pytest.raises(ValueError, match=r"nested too deeply|nesting depth"):
        parsed(b"".join(b" " * level + b"a:\n" for level in range(2000)) + b" " * 2000 + b"b")


def test_a_compressed_cassette_has_a_largest_size() -> None:
    with pytest.raises(ValueError, match="larger than 67,108,864 bytes when it is unpacked"):
        list(vcr.read("cassette.gz", gzip.compress(bytes(65 * 1024 * 1024))))


def test_lint_names_the_line(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(REPEATED)
    done = run("lint", str(file))
    assert done.returncode == 1
    assert f"{file}:6:5: error: {TOO_MANY}" in done.stdout + done.stderr
