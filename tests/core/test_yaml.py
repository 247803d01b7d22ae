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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: !!bool x", "2:4: not YAML: the tag of a value is another's"),
        ("a: !!int 0b1", "2:4: not YAML: the tag of a value is another's"),
        ("a: !!float x", "2:4: not YAML: the tag of a value is another's"),
        ("a: !!map [1]", "2:4: not YAML: expected a mapping node, but found sequence"),
        ("a: !!set {x}", "2:4: not YAML: could not determine a constructor for the tag 'tag:yaml.org,2002:set'"),
        ("a: [1, -.inf]", "2:8: not JSON: a number is not finite"),
        ("a: 1e999", "2:4: not JSON: a number is not finite"),
        ("a: {1: x}", "2:5: not JSON: a key is not a string; quote it"),
        ("~: 1", "2:1: not JSON: a key is not a string; quote it"),
    ],
)
def test_a_script_has_values_that_json_has(text: str, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        _ = Source("rules.yaml", f"\n{text}").value
    assert f"{caught.value.place.line}:{caught.value.place.column}: {caught.value.message}" == message


@pytest.mark.parametrize("written", ["NaN", "-Infinity", "1e999"])
def test_a_script_in_json_has_finite_numbers(written: str) -> None:
    with pytest.raises(SourceError, match="not JSON: a number is not finite") as caught:
        _ = Source("rules.json", f'{{"a": 1.5,\n "b": {written}}}', json=True).value
    assert caught.value.place == (2, 7)


@pytest.mark.parametrize("text", ["!!bool x", "!!int ''", "!!timestamp x", "!!timestamp {}", "!!map [1]"])
def test_a_tag_that_does_not_fit_is_a_mistake(text: str) -> None:
    with pytest.raises(ValueError, match="not YAML: "):
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
