"""Valid instances of whatever a request brings: JSON schemas, regular expressions, lark grammars."""

from chatdouble.json_schema.generate.grammar import lark_instance
from chatdouble.json_schema.generate.instance import holds, instance
from chatdouble.json_schema.generate.regex import regex_instance

__all__ = ["holds", "instance", "lark_instance", "regex_instance"]
