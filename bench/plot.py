"""The plot of the history, as SVG: what each run's servers spent on an answer, as multiples of the limit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bench.history import Run
from bench.payloads import STREAM, TOOLS, WHOLE
from bench.servers import AT_ONCE, LIMIT, OURS

_PANELS: Final = ((WHOLE.name, "1 KB", LIMIT), (TOOLS.name, "10 KB, 8 tools", LIMIT), (STREAM.name, "stream", AT_ONCE))
_RUNS: Final = 12
"""The newest runs, which are drawn."""
_LINES: Final = ((OURS, "#c2410c", 3, ""), ("mocktopus", "#2f7dd1", 1.5, "6 3"), ("aimock", "#4d8b31", 1.5, "2 3"))
"""Each server's colour, width and dashes; the colours are legible on white and on black."""
_GREY: Final = "#7b7b7b"
_WIDTH, _HEIGHT, _LEFT, _TOP, _INNER, _STEP = 800, 290, 58, 52, 150, 250


@dataclass(frozen=True, slots=True)
class _Panel:
    """One load's diagram.

    Attributes:
        left: Its left edge.
        title: Its title.
        values: The multiples of the limit, by server, for each run; None: not measured.
        names: A label for each run.
    """

    left: float
    title: str
    values: Mapping[str, Sequence[float | None]]
    names: Sequence[str]

    @property
    def highest(self) -> float:
        """The upper end of its axis, a whole number."""
        return max([2.0, *(int(value + 1) for values in self.values.values() for value in values if value)])

    def x(self, at: int) -> float:
        """Return where a run is."""
        return self.left + (_STEP - 60) * (at + 0.5) / len(self.names)

    def y(self, value: float) -> float:
        """Return where a multiple is."""
        return _TOP + _INNER * (1 - value / self.highest)

    def drawn(self) -> Iterator[str]:
        """Return its axis, its title, its lines and the names of the runs."""
        right = self.left + _STEP - 60
        yield _text(self.left, _TOP - 12, self.title, weight="bold")
        for tick in (1.0, round(self.highest / 2), self.highest):
            yield f'<path d="M{self.left} {self.y(tick):.1f}H{right}" stroke="{_GREY}" stroke-opacity=".35"/>'
            yield _text(self.left - 5, self.y(tick) + 4, f"{tick:g}", anchor="end")
        for server, colour, width, dashes in _LINES:
            points = [(self.x(at), self.y(value)) for at, value in enumerate(self.values[server]) if value]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            look = f'stroke="{colour}" stroke-width="{width}" stroke-dasharray="{dashes}"'
            yield f'<polyline points="{path}" fill="none" {look}/>'
            yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points)
        for at, name in enumerate(self.names):
            yield _text(self.x(at), _TOP + _INNER + 12, name, anchor="end", turned=True)


def drawn(runs: Sequence[Run]) -> str:
    """Return the plot of the newest runs."""
    shown = [run for run in runs if run.get("spent")][-_RUNS:]
    look = 'font-family="sans-serif" font-size="12"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" {look}>',
        "<title>Processor time for an answer in each run, as multiples of the limit</title>",
        *_legend(),
    ]
    for number, (load, title, limit) in enumerate(_PANELS):
        values = {server: [_multiple(run, load, server, limit) for run in shown] for server, *_ in _LINES}
        names = [f"{run['at'][5:10]} {run['commit']}" for run in shown]
        lines += _Panel(_LEFT + number * _STEP, title, values, names).drawn()
    return "\n".join([*lines, "</svg>"]) + "\n"


def _multiple(run: Run, load: str, server: str, limit: str) -> float | None:
    spent: Mapping[str, float] = run["spent"].get(load, {})
    return spent[server] / spent[limit] if server in spent and limit in spent else None


def _legend() -> Iterator[str]:
    yield _text(4, 16, "processor time for an answer, as multiples of the limit:")
    for number, (server, colour, width, dashes) in enumerate(_LINES):
        x = 340 + number * 120
        yield f'<path d="M{x} 12h26" stroke="{colour}" stroke-width="{width}" stroke-dasharray="{dashes}"/>'
        yield _text(x + 32, 16, server)


def _text(x: float, y: float, text: str, *, anchor: str = "start", weight: str = "normal", turned: bool = False) -> str:
    where = f'transform="translate({x:.1f} {y:.1f}) rotate(-35)"' if turned else f'x="{x:.1f}" y="{y:.1f}"'
    return f'<text {where} fill="{_GREY}" text-anchor="{anchor}" font-weight="{weight}">{text}</text>'
