"""Valid instances of whatever a request brings: JSON schemas, regular expressions, lark grammars."""

from chatdouble.answer.instances.lark import lark_instance
from chatdouble.answer.instances.regex import regex_instance
from chatdouble.answer.instances.schema import holds, instance

__all__ = ["holds", "instance", "lark_instance", "regex_instance"]
