"""Generated instances of JSON schemas, regular expressions and lark grammars."""

from chatdouble.json_schema.generate.generator import instance
from chatdouble.json_schema.generate.grammar import lark_instance
from chatdouble.json_schema.generate.read_schema import is_valid
from chatdouble.json_schema.generate.regex import regex_instance

__all__ = ["instance", "is_valid", "lark_instance", "regex_instance"]
