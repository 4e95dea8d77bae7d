"""
When pull requests arrive: one after another at random, at one rate or by the hours of a working day.

In the hours of the peak the rate is `peak` times its mean over the day, and in the others as much lower as keeps that
mean. What arrives at a rate that changes arrives at a steady one by a clock that runs faster where more come.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from tasks.domain.simulation.population import fraction

HOURS = 24


@dataclass(frozen=True, slots=True)
class Day:
    """`length` is in gate times, `begins` and `ends` are the hours of the peak; the first day begins at midnight."""

    length: float
    begins: float
    ends: float
    peak: float

    def moment(self, steady: float) -> float:
        """When that arrives which would arrive at `steady` at one rate all day; both in gate times."""
        days, steady_hour = divmod(steady / self.length * HOURS, HOURS)
        before = self.begins * self._low
        until = before + (self.ends - self.begins) * self.peak
        if steady_hour <= before and self._low:
            hour = steady_hour / self._low
        elif steady_hour <= until:
            hour = self.begins + (steady_hour - before) / self.peak
        else:
            hour = self.ends + (steady_hour - until) / self._low
        return (days + min(hour, HOURS) / HOURS) * self.length

    @property
    def _low(self) -> float:
        """The rate out of the peak, in means: 0 where all arrive in it."""
        width = self.ends - self.begins
        low = (HOURS - width * self.peak) / (HOURS - width)
        return low if low > LEAST else 0.0


LEAST = 1e-9
"""What is left of a rate by rounding is none."""


def arrivals(count: int, rate: float, seed: int, day: Day | None) -> Iterable[float]:
    """Of each in turn, its moment; `rate` is how many come in a gate time."""
    moment = 0.0
    for number in range(1, count + 1):
        moment -= math.log1p(-fraction(seed, f"arrival-{number}")) / rate
        yield moment if day is None else day.moment(moment)
