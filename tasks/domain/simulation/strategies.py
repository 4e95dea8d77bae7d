"""The strategies by their names, each as the systems that are known for it do it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tasks.domain.simulation.backlog import Strategy
from tasks.domain.simulation.batches import Halving, KAry, Tide
from tasks.domain.simulation.hub import MergeHub
from tasks.domain.simulation.windows import AdaptiveWindow, BestFirst, Window


@dataclass(frozen=True, slots=True)
class Setting:
    """
    `batch` is the largest group, `slots` is how many runs there may be at once, `bad` the share of bad ones.

    `retries` is how often a gate that said no is asked again before anybody is refused, by those that do so.
    """

    batch: int
    slots: int
    bad: float
    retries: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """`parallel`: it makes use of more slots; the others run as many at once as it is their way."""

    make: Callable[[Setting], Strategy]
    parallel: bool
    meaning: str


START = 20
"""The width that Zuul begins with."""

STRATEGIES: Mapping[str, Entry] = {
    "serial": Entry(lambda _: Window(1), parallel=False, meaning="one after the other (Kodiak, homu)"),
    "halving": Entry(
        lambda setting: Halving(setting.batch), parallel=False, meaning="a batch, halved when red (bors-ng)"
    ),
    "tide": Entry(lambda setting: Tide(setting.batch), parallel=False, meaning="a batch beside one alone (Prow)"),
    "window": Entry(
        lambda setting: Window(setting.slots), parallel=True, meaning="one run each, on those ahead (GitHub, GitLab)"
    ),
    "k-ary": Entry(
        lambda setting: KAry(setting.batch, setting.slots),
        parallel=True,
        meaning="batches side by side, split in many when red (Mergify, Trunk)",
    ),
    "merge-hub": Entry(
        lambda setting: MergeHub(setting.batch, setting.slots, setting.retries),
        parallel=True,
        meaning="the planner that this hub runs by",
    ),
}
"""Those that are compared where nothing else is asked for."""

VARIANTS: Mapping[str, Entry] = {
    "halving-inference": Entry(
        lambda setting: Halving(setting.batch, inference=True),
        parallel=False,
        meaning="halving that does not test what is implied",
    ),
    "adaptive-window": Entry(
        lambda _: AdaptiveWindow(START), parallel=False, meaning="a window from 20 on that adapts (Zuul)"
    ),
    "best-first": Entry(
        lambda setting: BestFirst(setting.bad, setting.slots),
        parallel=True,
        meaning="the likeliest futures first, told how many are bad (SubmitQueue)",
    ),
}

EVERY: Mapping[str, Entry] = {**STRATEGIES, **VARIANTS}
