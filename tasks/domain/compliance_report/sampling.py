"""Samples that nobody chose: who is drawn follows from the root of the log, so that anybody can draw them again."""

import hashlib
from collections.abc import Sequence

from tasks.domain.compliance_report.population import Change

LARGEST_SAMPLE = 25
"""What auditors draw of a control that works at each change; a population of that size or less is looked at whole."""
OF_A_CONTROL = 5


def drawn(changes: Sequence[Change], root: str, purpose: str, size: int) -> tuple[Change, ...]:
    """`size` of `changes` at most, in the order of the log."""
    ranked = sorted(changes, key=lambda change: hashlib.sha256(f"{root}\n{purpose}\n{change.event}".encode()).digest())
    return tuple(sorted(ranked[:size], key=lambda change: change.seq))
