"""
The compliance score, computed and explained.

Of the changes that landed in reconciled history, and of what is on target branches without any record, the share that
is compliant: each blocking rule satisfied or properly let pass, on the head and the tree that landed. It is no mean of
rates by control, which would hide that many changes each lack something. Without a reconciliation there is no score.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.domain.compliance_report.completeness import Completeness
from tasks.domain.compliance_report.population import Change, Standing


@dataclass(frozen=True, slots=True)
class Score:
    """
    `met` of `counted`, of which `outside` are without any record.

    `reconciled` of `changes` lie in compared history; `compliant` of all of them are so on the record alone.
    `rollbacks` are in none of these.
    """

    met: int
    counted: int
    outside: int
    reconciled: int
    changes: int
    compliant: int
    rollbacks: int

    @property
    def percent(self) -> float | None:
        """To a tenth, rounded down, so that what lacks anything is never told as all; None where nothing is counted."""
        return None if self.counted == 0 else self.met * 1000 // self.counted / 10

    @property
    def coverage(self) -> float | None:
        return None if self.changes == 0 else self.reconciled * 1000 // self.changes / 10

    @property
    def told(self) -> str:
        if self.percent is None:
            return "no score"
        return f"{self.percent:g} %"

    @property
    def explained(self) -> tuple[str, ...]:
        """Sentences; the first one is the figure itself."""
        return (self._figure(), self._population(), self._others())

    def _figure(self) -> str:
        if self.percent is None and self.changes:
            return (
                f"Not reconciled: none of {self.changes} changes lies in history that was compared with the log, so "
                "that nobody knows what else there is, and no score can be said."
            )
        if self.percent is None:
            return "Nothing landed and nothing else was found on a target branch, so that there is nothing to score."
        return (
            f"{self.met} of {self.counted}: each of these had every blocking rule satisfied or properly let pass, on "
            "the head and the tree that landed, by a decision and evidence that are on record."
        )

    def _population(self) -> str:
        outside = f"{self.outside} found on target branches without any record, which count against it"
        coverage = "" if self.coverage is None else f" ({self.coverage:g} % of the changes on record)"
        return f"Counted are {counted(self.reconciled, 'reconciled change')}{coverage} and {outside}."

    def _others(self) -> str:
        return (
            f"Of all {self.changes} changes on record, reconciled or not, {self.compliant} are compliant. Rollbacks "
            f"restore what was there before and are not scored: {self.rollbacks}."
        )


def counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def score_of(changes: Sequence[Change], complete: Completeness) -> Score:
    judged = [each for each in changes if each.standing is not Standing.NOT_JUDGED]
    reconciled = [each for each in judged if each.reconciled]
    return Score(
        met=_compliant(reconciled),
        counted=len(reconciled) + complete.outside,
        outside=complete.outside,
        reconciled=len(reconciled),
        changes=len(judged),
        compliant=_compliant(judged),
        rollbacks=len(changes) - len(judged),
    )


def _compliant(changes: Sequence[Change]) -> int:
    return sum(each.standing is Standing.COMPLIANT for each in changes)
