"""`chatdouble models`: the catalogue's models with their dates and rules."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, cast

import typer

from chatdouble.cli.stopping import stopped

if TYPE_CHECKING:
    from chatdouble.catalogue.model import Model


def command(cli: typer.Typer) -> None:
    """Add the command to a command line."""
    cli.command(name="models")(models)


def models(
    names: Annotated[list[str] | None, typer.Argument(help="Models to describe.", metavar="[MODEL]...")] = None,
    *,
    catalogue: Annotated[
        str, typer.Option("--models", help="any, strict, or a JSON file that adds models, as for serve.")
    ] = "any",
) -> None:
    """List the models, or print the rules of some.

    The list has the endpoints, the snapshot and the shutdown date of each model.
    """
    from chatdouble.catalogue.catalogue import Catalogue  # noqa: PLC0415 - other commands start faster without it

    try:
        known = {model.id: model for model in Catalogue.load(catalogue).known()}
    except ValueError as wrong:
        raise stopped(str(wrong)) from None
    if unknown := [name for name in names or () if name not in known]:
        raise stopped(f"no such model: {', '.join(unknown)}", code=1)
    for line in _table(known.values()) if not names else (line for name in names for line in _rules(known[name])):
        typer.echo(line)


def _table(known: Iterable["Model"]) -> Iterator[str]:
    yield f"{'model':<40} {'endpoints':<16} {'answers as':<40} shutdown"
    for model in known:
        yield f"{model.id:<40} {', '.join(model.endpoints):<16} {model.snapshot:<40} {model.shutdown_date or '-'}"


def _rules(model: "Model") -> Iterator[str]:
    """Yield a model's name and its attributes by their keys in a file of models."""
    yield model.id
    for field in fields(model):
        if field.init and field.name not in {"id", "known"}:
            yield f"  {field.name}: {_shown(getattr(model, field.name))}"


def _shown(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case None:
            return "-"
        case tuple() | frozenset():
            words = [*map(str, cast("Iterable[object]", value))]
            return ", ".join(sorted(words) if isinstance(value, frozenset) else words) or "-"
        case _:
            return str(value)
