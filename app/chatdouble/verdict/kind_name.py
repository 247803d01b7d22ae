"""The name of a kind of problem, as settings and policies have it."""

from typing import Annotated

from pydantic import AfterValidator

from chatdouble.core.did_you_mean import did_you_mean


def kind_name(line: str) -> str:
    """Check that a line begins with the name of a kind, and return it.

    Raises:
        ValueError: There is no such kind.
    """
    from chatdouble.verdict.kind import by_name  # noqa: PLC0415 - most servers name none

    kinds = by_name()
    name = line.partition(":")[0].strip()
    if name not in kinds:
        near = did_you_mean(name, kinds)
        raise ValueError(f"{name!r} is not a kind of problem" + (f"; did you mean {near!r}?" if near else ""))
    return line


KindName = Annotated[str, AfterValidator(kind_name)]
