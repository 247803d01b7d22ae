"""What a folder's `recordings.toml` may say."""

from pathlib import Path

import pytest

from chatdouble.recordings.cleaning import Configuration, configuration_of

GIVEN = r"""
ignore = ["seed", "metadata.run_id", "messages[*].name"]
normalise = ["dates", "uuids", 'run-\d+']
secrets = ['CUST-\d{6}']
emails = true
headers = ["X-Special"]
"""


def test_a_folder_without_one_has_the_defaults(tmp_path: Path) -> None:
    assert configuration_of(tmp_path) == configuration_of(tmp_path / "missing") == Configuration()


def test_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "recordings.toml").write_text(GIVEN)
    made = configuration_of(tmp_path)
    assert made.ignore == ("seed", "metadata.run_id", "messages[*].name")
    assert made.normalise == ("dates", "uuids", r"run-\d+")
    assert made.headers == ("x-special",)
    assert made.scrubber().text("a@b.org CUST-123456") == "[secret] [secret]"


WRONG = {
    "ignore = [": "recordings.toml: cannot be read: ",
    "ignored = []": "recordings.toml: ignored: Extra inputs are not permitted",
    'secrets = ["("]': "recordings.toml: secrets.0: not a regular expression: missing",
    'normalise = ["("]': "recordings.toml: normalise.0: not a regular expression",
    'ignore = ["a["]': "recordings.toml: ignore.0: 'a\\[' is not a JSONPath",
    "emails = 5": "recordings.toml: emails: ",
}


@pytest.mark.parametrize(("text", "said"), WRONG.items(), ids=WRONG)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "recordings.toml").write_text(text)
    with pytest.raises(ValueError, match=said):
        configuration_of(tmp_path)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "recordings.toml").mkdir()
    with pytest.raises(ValueError, match="cannot be read"):
        configuration_of(tmp_path)
