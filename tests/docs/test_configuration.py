"""docs/configuration.md has every setting with its flag and meaning."""

import re
from pathlib import Path

from chatdouble.settings import TABLES, Settings
from commands import run

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_every_setting_has_a_row_in_order() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (?:`(--[\w-]+)`.*)?\|.*\| (.*) \|$", PAGE.read_text(), re.MULTILINE)
    documented = [(key, meaning) for key, _, meaning in rows]
    assert documented == [(name, field.description) for name, field in Settings.model_fields.items()]
    shown = run("serve", "--help").stdout
    assert all(flag in shown for _, flag, _ in rows if flag)
    assert {key for key, flag, _ in rows if not flag} == {*TABLES}
