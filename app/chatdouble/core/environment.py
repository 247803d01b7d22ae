"""The variables that settings come from: `CHATDOUBLE_*`, without those that Kubernetes sets."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from chatdouble.core.did_you_mean import did_you_mean

PREFIX: Final = "CHATDOUBLE_"

CONFIG: Final = f"{PREFIX}CONFIG"
"""The variable that names a file of settings."""

OTHER_VARIABLES: Final = (CONFIG, f"{PREFIX}URL")
"""Variables that are no settings: the configuration file, and the server that the control commands talk to."""

_KUBERNETES: Final = (
    rf"{PREFIX}(?:\w+_)?(?:SERVICE_(?:HOST|PORT(?:_\w+)?)|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)"
)
"""The variables that Kubernetes sets for services named chatdouble, chatdouble-staging and so on."""


class Environment(NamedTuple):
    """The server's variables.

    Attributes:
        values: Values by the setting's name. A variable that is empty is not set.
        unknown: One line for each variable that is no setting.
    """

    values: Mapping[str, str]
    unknown: Sequence[str]

    @classmethod
    def read(cls, environ: Mapping[str, str], names: Iterable[str], tables: Iterable[str]) -> "Environment":
        """Read the environment of a process.

        Args:
            environ: All its variables.
            names: The settings that have a variable.
            tables: The settings that have none.
        """
        named = {variable(name): name for name in names}
        own = {
            key: value for key, value in environ.items() if key.startswith(PREFIX) and not _by_kubernetes(key, value)
        }
        unknown = [key for key in own if key not in named and key not in OTHER_VARIABLES]
        values = {named[key]: value for key, value in own.items() if key in named and value}
        return cls(values, [_no_setting(key, named, tables) for key in unknown])


def variable(name: str) -> str:
    """Return the variable of a setting."""
    return PREFIX + name.upper()


def _by_kubernetes(key: str, value: str) -> bool:
    """Tell whether a variable describes a Kubernetes service whose name begins with chatdouble."""
    return value.startswith(("tcp://", "udp://", "sctp://")) or re.fullmatch(_KUBERNETES, key) is not None


def _no_setting(key: str, known: Iterable[str], tables: Iterable[str]) -> str:
    name = key.removeprefix(PREFIX)
    if name.lower() in tables:
        return f"{key}: {name.lower()} has one entry per model, so only the configuration file has it"
    # Compared without the prefix, which alone would make any two alike.
    meant = did_you_mean(name, [one.removeprefix(PREFIX) for one in (*known, *OTHER_VARIABLES)])
    return f"{key}: no such setting{f'; did you mean {PREFIX}{meant}?' if meant else ''}"
