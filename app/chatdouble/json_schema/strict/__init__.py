"""The schemas that the API accepts for response formats and functions."""

from chatdouble.json_schema.strict.check import find_fault
from chatdouble.json_schema.strict.fault import Rule, SchemaFault

__all__ = ["Rule", "SchemaFault", "find_fault"]
