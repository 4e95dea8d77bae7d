"""Loads and strategies, as short as a test wants to say them."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from tasks.domain.simulation.backlog import Load, Tally, play
from tasks.domain.simulation.population import Population, fraction, population
from tasks.domain.simulation.strategies import EVERY, Setting


def load_of(count: int, bad: float = 0.0, interaction: float = 0.0, seed: int = 0, **more: Any) -> Load:
    return Load(population=population(count, bad, interaction, seed), seed=seed, **more)


def played(name: str, load: Load, *, batch: int = 10, slots: int = 1, bad: float = 0.05, retries: int = 0) -> Tally:
    return play(load, EVERY[name].make(Setting(batch=batch, slots=slots, bad=bad, retries=retries)))


def of_exactly(count: int, bad: float, seed: int = 0) -> Population:
    """At random places as many bad ones as the share says, so that a short line is not unlike a long one."""
    by_chance = sorted(range(1, count + 1), key=lambda number: fraction(seed, f"bad-{number}"))
    return Population(count, frozenset(by_chance[: round(bad * count)]), frozenset())


def all_populations(count: int) -> Iterator[Population]:
    for size in range(count + 1):
        for bad in combinations(range(1, count + 1), size):
            yield Population(count, frozenset(bad), frozenset())
