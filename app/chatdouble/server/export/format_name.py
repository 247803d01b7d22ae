"""The names of the formats of exports."""

from typing import Literal

FormatName = Literal["json", "jsonl", "har", "curl", "rule", "rule_json", "turns"]
