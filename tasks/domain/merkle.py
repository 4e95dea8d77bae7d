"""
The Merkle tree of RFC 9162, section 2.1: one root for a list that only grows, and short proofs about it.

A list is hashed leaf by leaf; nodes that are complete never change. So the peaks (roots of the complete subtrees that
a list of that size consists of, the largest first) are all that need be known of what came before: twenty hashes for a
million leaves.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce

Hash = bytes
"""32 bytes."""

EMPTY_ROOT: Hash = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> Hash:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: Hash, right: Hash) -> Hash:
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Peaks:
    """A list by its size and its peaks: what it takes to grow it and to tell its root."""

    size: int = 0
    hashes: list[Hash] = field(default_factory=list)

    def add(self, leaf: Hash) -> None:
        grown = leaf
        # Each 1 that the size ends in is a complete subtree, which the leaf makes half of a larger one.
        for _ in range((~self.size & (self.size + 1)).bit_length() - 1):
            grown = node_hash(self.hashes.pop(), grown)
        self.hashes.append(grown)
        self.size += 1

    def root(self) -> Hash:
        if not self.hashes:
            return EMPTY_ROOT
        return reduce(lambda right, left: node_hash(left, right), reversed(self.hashes))

    def fits(self) -> bool:
        """Whether there are as many peaks as a list of that size has."""
        return self.size >= 0 and len(self.hashes) == self.size.bit_count()


class Tree:
    """A list that is known by its peaks up to a point, and leaf by leaf from there on: what proofs are made of."""

    def __init__(self, known: Peaks, leaves: Iterable[Hash] = ()) -> None:
        """Raises ValueError for peaks that do not fit their size."""
        if not known.fits():
            raise ValueError(f"{len(known.hashes)} peaks are not those of {known.size} leaves")
        self.size = self._known = known.size
        self._complete: dict[tuple[int, int], Hash] = {}
        start = 0
        for level, peak in zip(_levels(known.size), known.hashes, strict=True):
            self._complete[level, start >> level] = peak
            start += 1 << level
        for leaf in leaves:
            self._add(leaf)

    def root(self) -> Hash:
        return self._range(0, self.size) if self.size else EMPTY_ROOT

    def peaks(self) -> Peaks:
        hashes, start = [], 0
        for level in _levels(self.size):
            hashes.append(self._complete[level, start >> level])
            start += 1 << level
        return Peaks(self.size, hashes)

    def inclusion(self, index: int) -> tuple[Hash, ...]:
        """
        The path from the leaf `index` (the first is 0) to the root, RFC 9162 section 2.1.3.1.

        Raises ValueError for a leaf that is not there, or lies in what only peaks are known of.
        """
        if not self._known <= index < self.size:
            raise ValueError(f"leaf {index} is not among {self._known} to {self.size - 1}")
        start, end, path = 0, self.size, []
        while end - start > 1:
            middle = start + _largest_power_below(end - start)
            if index < middle:
                path.append(self._range(middle, end))
                end = middle
            else:
                path.append(self._range(start, middle))
                start = middle
        return tuple(reversed(path))

    def _add(self, leaf: Hash) -> None:
        level, index, grown = 0, self.size, leaf
        self._complete[level, index] = grown
        while index % 2:
            grown = node_hash(self._complete[level, index - 1], grown)
            level, index = level + 1, index // 2
            self._complete[level, index] = grown
        self.size += 1

    def _range(self, start: int, end: int) -> Hash:
        level = (end - start - 1).bit_length()
        if end - start == 1 << level and start % (1 << level) == 0:
            return self._complete[level, start >> level]
        middle = start + _largest_power_below(end - start)
        return node_hash(self._range(start, middle), self._range(middle, end))


def includes(root: Hash, size: int, index: int, leaf: Hash, path: Sequence[Hash]) -> bool:
    """Whether `path` proves that `leaf` is the one at `index`, RFC 9162 section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    first, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if first % 2 or first == last:
            found = node_hash(sibling, found)
            while first % 2 == 0 and first:
                first, last = first // 2, last // 2
        else:
            found = node_hash(found, sibling)
        first, last = first // 2, last // 2
    return last == 0 and found == root


def _levels(size: int) -> list[int]:
    """Of the complete subtrees that a list of that size consists of, the largest first."""
    return [level for level in reversed(range(size.bit_length())) if size >> level & 1]


def _largest_power_below(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)
