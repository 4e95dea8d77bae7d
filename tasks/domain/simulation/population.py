"""
Who is bad, which pairs clash, which runs flake and how long they take: all of it drawn from a seed and nothing else.

Every draw has a name, and its value is the name's own: the first 53 bits of BLAKE2b-64 over "SEED NAME", as a fraction
of 2^53. So no draw depends on what was drawn before it, a strategy meets the same world whatever it asks first, and
whoever plants the same population in real repositories needs no Python for it:

- pull request i (from 1 on) is bad where the draw `bad-i` is below the share of bad ones: with a larger share, the same
  ones are bad and some more;
- pairs are taken in the order (1,2), (1,3), (2,3), (1,4), …, which does not depend on how many there are. Which of them
  clash is drawn by the gaps: draw `clash-k` gives how many pairs lie between the one found before it and the k-th.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

BYTES = 8
BITS = 53
"""As many as a float holds, so that no draw is rounded up to 1."""
FAR = 1e18
"""Further than any pair is."""


@dataclass(frozen=True, slots=True)
class Population:
    """Pull requests 1 to `count`, in landing order: `bad` fail wherever they are, `clashing` pairs together only."""

    count: int
    bad: frozenset[int]
    clashing: frozenset[tuple[int, int]]


def population(count: int, bad: float, interaction: float, seed: int) -> Population:
    """`bad` and `interaction` are the probabilities that one is bad, and that a pair fails together and only then."""
    numbers = range(1, count + 1)
    return Population(
        count=count,
        bad=frozenset(number for number in numbers if fraction(seed, f"bad-{number}") < bad),
        clashing=frozenset(_clashing(count, interaction, seed)),
    )


def fraction(seed: int, name: str) -> float:
    """The draw called `name`: uniform from 0 up to but without 1."""
    drawn = blake2b(f"{seed} {name}".encode(), digest_size=BYTES).digest()
    return (int.from_bytes(drawn, "big") >> (8 * BYTES - BITS)) / float(2**BITS)


def _clashing(count: int, interaction: float, seed: int) -> Iterator[tuple[int, int]]:
    pairs, at, drawn = count * (count - 1) // 2, -1, 0
    if interaction <= 0:
        return
    while True:
        drawn += 1
        at += 1 + _gap(fraction(seed, f"clash-{drawn}"), interaction)
        if at >= pairs:
            return
        yield _pair(at)


def _gap(drawn: float, probability: float) -> int:
    """How many that do not happen lie before one that does."""
    return 0 if probability >= 1 else math.floor(min(math.log1p(-drawn) / math.log1p(-probability), FAR))


def _pair(at: int) -> tuple[int, int]:
    """The pair number `at`, from 0 on, in the order by the larger of the two."""
    later = (1 + math.isqrt(8 * at + 1)) // 2
    return at - later * (later - 1) // 2 + 1, later + 1
