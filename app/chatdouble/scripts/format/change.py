"""Changes of rules, which a test sends to a running server."""

from typing import Any, Literal

from chatdouble.scripts.format.base import Spec
from chatdouble.scripts.format.rule import Rule


class RuleToAdd(Spec):
    """A rule to add.

    Attributes:
        rule: The rule.
        position: Whether it is tried before or after all other rules.
    """

    rule: Rule
    position: Literal["first", "last"] = "first"


class RuleChange(Spec):
    """A change of a rule; what is not given stays.

    Attributes:
        rule: Keys of the rule with their new values; null removes a key.
        position: Whether it is tried before or after all other rules.
        disabled: Whether it is left out.
    """

    rule: dict[str, Any] | None = None
    position: Literal["first", "last"] | None = None
    disabled: bool | None = None


class SavedFile(Spec):
    """The file to save rules as.

    Attributes:
        name: Its name in the folder; None: the session's.
    """

    name: str | None = None
