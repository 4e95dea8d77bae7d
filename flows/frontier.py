"""
The chart of `merge-hub simulate --plot`: how long a strategy takes against what it costs, a mark a number of slots.

Each mark tells its number of slots, each name stands at its strategy: there is no legend to look up. merge-hub is in
colour and the others recede. Names are put where they cover neither a mark nor one another.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import altair as alt
import vl_convert

from tasks.domain.simulation.comparison import Comparison, Figures
from tasks.domain.simulation.report import percent
from tasks.domain.simulation.strategies import EVERY, STRATEGIES

WIDTH, HEIGHT = 800, 520
FONT = "Helvetica, Arial, sans-serif"
HUB = "merge-hub"
COLOURS = {"hub": "#c2410c", "strategy": "#334155", "variant": "#7c8798"}
INK, MUTED, GRID = "#0f172a", "#64748b", "#e5e7eb"
RADIUS, LINE, TEXT, CHARACTER = 9.0, 4.0, 13, 6.9
MARGIN, LEFT_MARGIN = 1.25, 1.5
"""The factors by which axes reach beyond what is drawn."""
WEIGHT = 4
"""How much worse it is to cover a mark or a bound than a line."""

FLAKES = "merge-hub pays for asking red gates again; the others refuse whoever a flake hits."

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels from the upper left corner."""


@dataclass(frozen=True, slots=True)
class Mark:
    """`slots` is None for a strategy that makes no use of more of them."""

    name: str
    slots: int | None
    cost: float
    makespan: float

    @property
    def emphasis(self) -> str:
        if self.name == HUB:
            return "hub"
        return "strategy" if self.name in STRATEGIES else "variant"

    @property
    def size(self) -> float:
        """Of its name, as against the others."""
        return 1.2 if self.name == HUB else 1.0


@dataclass(frozen=True, slots=True)
class Frame:
    """Both axes are logarithmic; each pair is where one begins and ends."""

    cost: tuple[float, float]
    makespan: tuple[float, float]

    def place(self, mark: Mark) -> tuple[float, float]:
        return WIDTH * _share(mark.cost, self.cost), HEIGHT * (1 - _share(mark.makespan, self.makespan))

    def at(self, x: float, y: float) -> dict[str, float]:
        """What stands at a place, the other way round."""
        (cheap, dear), (short, long) = self.cost, self.makespan
        return {
            "cost": cheap * math.pow(dear / cheap, x / WIDTH),
            "makespan": long * math.pow(short / long, y / HEIGHT),
        }


def draw(found: Sequence[Comparison], kind: str) -> bytes:
    """`found` are comparisons of the same strategies by numbers of slots; `kind` is svg or png."""
    chart = _chart(found).to_json()
    if kind == "svg":
        return vl_convert.vegalite_to_svg(chart).encode()
    return vl_convert.vegalite_to_png(chart, scale=2)


def marks(found: Iterable[Comparison]) -> list[Mark]:
    """The least important first, so that what matters is drawn on top."""
    every = [
        Mark(figures.name, comparison.parameters.slots if EVERY[figures.name].parallel else None, *_axes(figures))
        for at, comparison in enumerate(found)
        for figures in comparison.strategies
        if EVERY[figures.name].parallel or at == 0
    ]
    return sorted(every, key=lambda mark: (list(COLOURS).index(mark.emphasis), mark.name), reverse=True)


def names(every: Sequence[Mark], bounds: Iterable[float], frame: Frame) -> list[tuple[Mark, Box]]:
    """Where the name of each strategy stands: at the mark of most slots, as near as there is room."""
    taken = [_around(*frame.place(mark), RADIUS) for mark in every]
    taken += [(x - 1, 0.0, x + 1, HEIGHT) for cost in bounds for x in [WIDTH * _share(cost, frame.cost)]]
    taken *= WEIGHT
    for own in _by_name(every):
        taken += _along([frame.place(mark) for mark in own])
    placed = []
    for *_, mark in reversed(_by_name(every)):
        box = min(_candidates(mark, frame), key=lambda box: (_cost(box, taken), _far(box, frame.place(mark))))
        taken.append(box)
        placed.append((mark, box))
    return placed


def numbers(own: Sequence[Mark], frame: Frame) -> list[str]:
    """What stands in the marks of one strategy: of those that lie on one another only the last is told, as `5+`."""
    told = ["" if mark.slots is None else str(mark.slots) for mark in own]
    for at in range(len(own) - 1, 0, -1):
        if math.dist(frame.place(own[at - 1]), frame.place(own[at])) < RADIUS:
            told[at], told[at - 1] = f"{own[at - 1].slots}+", ""
        else:
            break
    return told


def _axes(figures: Figures) -> tuple[float, float]:
    return figures.evaluations.mean + figures.confirmations.mean, figures.makespan.mean


def _share(value: float, axis: tuple[float, float]) -> float:
    return math.log(value / axis[0]) / math.log(axis[1] / axis[0])


def _by_name(every: Sequence[Mark]) -> list[list[Mark]]:
    """The marks of each strategy, from few slots to many."""
    own: dict[str, list[Mark]] = {}
    for mark in every:
        own.setdefault(mark.name, []).append(mark)
    return [sorted(some, key=lambda mark: mark.slots or 0) for some in own.values()]


def _around(x: float, y: float, radius: float) -> Box:
    return x - radius, y - radius, x + radius, y + radius


def _along(places: Sequence[tuple[float, float]]) -> Iterator[Box]:
    """A line, as boxes that it runs through."""
    for (x, y), (to_x, to_y) in itertools.pairwise(places):
        steps = max(1, round(math.hypot(to_x - x, to_y - y) / LINE))
        for step in range(steps):
            yield _around(x + (to_x - x) * step / steps, y + (to_y - y) * step / steps, LINE / 2)


def _candidates(mark: Mark, frame: Frame) -> Iterable[Box]:
    x, y = frame.place(mark)
    width, height = len(mark.name) * CHARACTER * mark.size, TEXT * mark.size + 2
    for away in (RADIUS + 5, RADIUS + 16, RADIUS + 28, RADIUS + 44, RADIUS + 64):
        for left, top in (
            (x + away, y - height / 2),
            (x - width - away, y - height / 2),
            (x - width / 2, y - height - away),
            (x - width / 2, y + away),
            (x + away * 0.7, y - height - away * 0.7),
            (x + away * 0.7, y + away * 0.7),
            (x - width - away * 0.7, y - height - away * 0.7),
            (x - width - away * 0.7, y + away * 0.7),
        ):
            yield left, top, left + width, top + height


def _cost(box: Box, taken: Iterable[Box]) -> float:
    outside = box[0] < 0 or box[1] < 0 or box[2] > WIDTH or box[3] > HEIGHT
    return (1e6 if outside else 0.0) + sum(_overlap(box, other) for other in taken)


def _overlap(one: Box, other: Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)


def _far(box: Box, place: tuple[float, float]) -> float:
    return math.hypot((box[0] + box[2]) / 2 - place[0], 3 * ((box[1] + box[3]) / 2 - place[1]))


def _chart(found: Sequence[Comparison]) -> alt.LayerChart:
    every = marks(found)
    costs = [mark.cost for mark in every] + [found[0].entropy_bound or 1.0]
    makespans = [mark.makespan for mark in every]
    frame = Frame((min(costs) / LEFT_MARGIN, max(costs) * MARGIN), (min(makespans) / MARGIN, max(makespans) * MARGIN))
    bounds = _bounds(found[0])
    layers = [*_rules(bounds, frame), *_paths(every, frame), *_names(every, bounds, frame)]
    chart: alt.LayerChart = (
        alt.layer(*layers)
        .properties(width=WIDTH, height=HEIGHT, padding=16, background="#ffffff", title=_title(found[0]))
        .configure(font=FONT)
        .configure_view(stroke=None)
        .configure_axis(
            grid=True,
            gridColor=GRID,
            domain=False,
            ticks=False,
            labelColor=MUTED,
            labelFontSize=12,
            labelPadding=8,
            titleColor=INK,
            titleFontSize=13,
            titleFontWeight="normal",
            titlePadding=10,
        )
    )
    return chart


def _title(one: Comparison) -> alt.TitleParams:
    asked = one.parameters
    return alt.TitleParams(
        f"{asked.count} pull requests, {percent(asked.bad)} of them bad, batches of {asked.batch}",
        subtitle=[
            "How long until all are decided, and what it costs: nearer to the lower left corner is better.",
            f"Numbers are slots; means of {asked.repetitions} populations{_noise(one)}.",
            *([FLAKES] if asked.flake else []),
        ],
        anchor="start",
        color=INK,
        fontSize=18,
        subtitleColor=MUTED,
        subtitleFontSize=13,
        subtitlePadding=6,
        offset=18,
    )


def _noise(one: Comparison) -> str:
    shares = {"of the runs flake": one.parameters.flake, "of the pairs clash": one.parameters.interaction}
    return "".join(f"; {percent(share)} {what}" for what, share in shares.items() if share)


def _position(frame: Frame) -> tuple[alt.X, alt.Y]:
    x = alt.Axis(title="Evaluations per pull request, confirmations included", values=_ticks(frame.cost), format="~g")
    y = alt.Axis(title="Makespan in gate times", values=_ticks(frame.makespan), format="~g")
    return (
        alt.X("cost:Q", axis=x, scale=alt.Scale(type="log", domain=list(frame.cost), nice=False)),
        alt.Y("makespan:Q", axis=y, scale=alt.Scale(type="log", domain=list(frame.makespan), nice=False)),
    )


def _ticks(axis: tuple[float, float]) -> list[float]:
    powers = range(math.floor(math.log10(axis[0])), math.ceil(math.log10(axis[1])) + 1)
    every = [float(f"{digit}e{power}") for power in powers for digit in (1, 2, 3, 5, 7)]
    return [tick for tick in every if axis[0] <= tick <= axis[1]]


def _layer(rows: Iterable[Mapping[str, object]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))


def _bounds(one: Comparison) -> Mapping[str, float]:
    """What no search by one run at a time can fall below, on average."""
    bounds = {"entropy bound": one.entropy_bound, "optimal nested": one.optimal_nested}
    return {name: cost for name, cost in bounds.items() if cost}


def _rules(bounds: Mapping[str, float], frame: Frame) -> Iterator[alt.Chart]:
    x, y = _position(frame)
    for at, (name, cost) in enumerate(bounds.items()):
        layer = _layer([{"cost": cost, "makespan": frame.makespan[1], "name": name}])
        yield layer.mark_rule(color=MUTED, strokeDash=[3, 4], strokeWidth=1).encode(x=x)
        align: Literal["left", "right"] = "left" if at else "right"
        text = layer.mark_text(align=align, dx=5 if at else -5, dy=8, fontSize=11, color=MUTED)
        yield text.encode(x=x, y=y, text="name:N")


def _paths(every: Sequence[Mark], frame: Frame) -> Iterator[alt.Chart]:
    x, y = _position(frame)
    for own in _by_name(every):
        colour, width = COLOURS[own[0].emphasis], 3 if own[0].name == HUB else 1.5
        rows = [{"cost": mark.cost, "makespan": mark.makespan, "slots": mark.slots} for mark in own]
        told = [{**row, "told": number} for row, number in zip(rows, numbers(own, frame), strict=True)]
        size = RADIUS**2 * math.pi
        yield _layer(rows).mark_line(color=colour, strokeWidth=width).encode(x=x, y=y, order="slots:Q")
        dots = _layer(rows).mark_circle(size=size, color=colour, opacity=1, stroke="#ffffff", strokeWidth=1.5)
        yield dots.encode(x=x, y=y)
        yield _layer(told).mark_text(color="#ffffff", fontSize=10, fontWeight="bold").encode(x=x, y=y, text="told:N")


def _names(every: Sequence[Mark], bounds: Mapping[str, float], frame: Frame) -> Iterator[alt.Chart]:
    x, y = _position(frame)
    for mark, (left, top, _, bottom) in names(every, bounds.values(), frame):
        layer = _layer([{**frame.at(left, (top + bottom) / 2), "name": mark.name}])
        weight: Literal["bold", "normal"] = "bold" if mark.name == HUB else "normal"
        for colour, halo in (("#ffffff", 4), (COLOURS[mark.emphasis], 0)):
            text = layer.mark_text(
                align="left",
                baseline="middle",
                color=colour,
                stroke=colour,
                strokeWidth=halo,
                fontSize=TEXT * mark.size,
                fontWeight=weight,
            )
            yield text.encode(x=x, y=y, text="name:N")
