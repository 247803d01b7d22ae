"""The rules that a schema can break, and a broken rule."""

from dataclasses import dataclass
from enum import Enum, auto

from chatdouble.json_schema.tree import Path


class Rule(Enum):
    """A rule for schemas. The comments name the details of its faults."""

    UNREADABLE = auto()  # nested too deeply to be checked
    NOT_A_SCHEMA = auto()  # jsonschema's message
    OBJECT = auto()  # the value that should be an object
    ROOT_TYPE = auto()  # the root's type
    ROOT_COMBINATION = auto()
    PROPERTIES = auto()
    ITEMS = auto()
    ITEMS_OBJECT = auto()
    TYPE = auto()
    CLOSED = auto()
    KEYWORD = auto()  # the keyword
    UNSUPPORTED_KEYWORD = auto()  # the keyword
    FORMAT = auto()  # the format
    ENUM_TYPE = auto()  # the value and the type
    REFERENCE_ALONE = auto()  # the keywords beside `$ref`
    REFERENCE_TO_DEFINITION = auto()
    REFERENCE_EXISTS = auto()  # the reference
    REQUIRED_MISSING = auto()  # the property
    REQUIRED_UNKNOWN = auto()  # the property
    MAX_LEVELS = auto()  # the count, as for the following
    MAX_PROPERTIES = auto()
    MAX_ENUM_VALUES = auto()
    MAX_ENUM_CHARACTERS = auto()
    MAX_CHARACTERS = auto()


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """A broken rule.

    Attributes:
        rule: The rule.
        path: The path of the schema that breaks it, such as `("properties", "name")`.
        details: The facts that a message needs; see `Rule`.
    """

    rule: Rule
    path: Path = ()
    details: tuple[object, ...] = ()


class SchemaFaultError(Exception):
    """The first fault of a schema, raised where it is found.

    Args:
        rule: The rule that is broken.
        path: The path of the schema that breaks it.
        details: The facts that a message needs.
    """

    def __init__(self, rule: Rule, path: Path = (), *details: object) -> None:
        super().__init__(rule.name)
        self.fault = SchemaFault(rule, path, details)
