"""
Is the population complete: does every commit on a target branch belong to a change on record?

Only a comparison of the branch with the log can tell (`reconciliation.completed`). Where there was none nothing is
known, which is never the same as nothing missing. What is on a branch and nobody accounts for counts against the score.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tasks.domain.audit import Event, EventType
from tasks.domain.bypasses import bypasses_in, objection_to
from tasks.domain.compliance_report.period import Period
from tasks.domain.compliance_report.population import Change
from tasks.domain.compliance_report.record import Record, about, named, text, texts, whole

Branch = tuple[str, str]
"""A repository's id and a ref."""
ACCOUNTS = ("hub", "compliant_human", "robot", "emergency")


@dataclass(frozen=True, slots=True)
class Compared:
    """
    One branch as the comparisons of the period found it.

    `accounted` are commits by who accounts for them, in the order of `ACCOUNTS`; `chain_ok` says that each update of
    the ref began where the one before it ended.
    """

    repository: str
    ref: str
    times: int
    commits: int
    accounted: tuple[int, ...]
    unaccounted: tuple[str, ...]
    unlisted: int
    chain_ok: bool
    last: str


@dataclass(frozen=True, slots=True)
class Bypass:
    """Something on a branch that did not come by us; `justified_by` is None while nobody has answered for it."""

    repository: str
    ref: str
    what: str
    kind: str
    actor: str | None
    found_at: str
    justified_by: str | None
    reason: str
    event: str


@dataclass(frozen=True, slots=True)
class Completeness:
    """`not_compared` are the branches with landings in the period that nobody compared after the last of them."""

    branches: tuple[Compared, ...]
    bypasses: tuple[Bypass, ...]
    not_compared: tuple[str, ...]
    unexplained: int

    @property
    def outside(self) -> int:
        """What is on target branches and in no record: bypasses, and commits that only a comparison tells of."""
        return len(self.bypasses) + self.unexplained


def completeness(record: Record, period: Period, changes: Sequence[Change]) -> Completeness:
    branches = tuple(_branches(record, period))
    bypasses = tuple(_bypasses(record, period))
    known = {each.what for each in bypasses}
    counted = {(each.repository, sha) for each in branches for sha in each.unaccounted} if branches else set()
    loose = sum(1 for _, sha in counted if sha not in known)
    open_ = sorted({f"{each.repository} {each.target}" for each in changes if not each.reconciled})
    return Completeness(branches, bypasses, tuple(open_), loose + sum(each.unlisted for each in branches))


def _branches(record: Record, period: Period) -> Iterator[Compared]:
    by_branch: dict[Branch, list[Event]] = {}
    for each in record.of(EventType.RECONCILIATION_COMPLETED):
        if period.holds(each.time):
            by_branch.setdefault((about(each), text(each.subject.get("ref"))), []).append(each)
    for (_, ref), found in sorted(by_branch.items(), key=lambda item: (named(item[1][-1]), item[0])):
        listed = [texts(each.data.get("unaccounted")) for each in found]
        told = [whole(each.data.get("unaccounted_count")) for each in found]
        yield Compared(
            repository=named(found[-1]),
            ref=ref,
            times=len(found),
            commits=sum(whole(each.data.get("commits")) for each in found),
            accounted=tuple(sum(_accounted(each, name) for each in found) for name in ACCOUNTS),
            unaccounted=tuple(dict.fromkeys(sha for shas in listed for sha in shas)),
            unlisted=sum(max(0, count - len(shas)) for count, shas in zip(told, listed, strict=True)),
            chain_ok=all(each.data.get("chain_ok") is True for each in found),
            last=found[-1].time,
        )


def _accounted(event: Event, name: str) -> int:
    accounted = event.data.get("accounted")
    return whole(accounted.get(name)) if isinstance(accounted, dict) else 0


def _bypasses(record: Record, period: Period) -> Iterator[Bypass]:
    """As the ledger has them; a justification by who did it is none, whoever recorded it."""
    ledger = [*record.of(EventType.BYPASS_FOUND), *record.of(EventType.BYPASS_JUSTIFIED)]
    for each in bypasses_in(sorted(ledger, key=lambda event: event.seq)):
        if period.holds(each.found_at):
            told = each.justified
            counts = told is not None and objection_to(each, told.by, ()) is None
            yield Bypass(
                repository=each.repository.name,
                ref=each.ref,
                what=each.commit,
                kind=each.kind,
                actor=each.actor,
                found_at=each.found_at.replace("+00:00", "Z"),
                justified_by=told.by if told is not None and counts else None,
                reason=told.reason if told is not None and counts else "",
                event=each.event,
            )
