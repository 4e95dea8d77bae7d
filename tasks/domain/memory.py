"""
What the audit log remembers of one repository, so that a rerun repeats nothing.

A pull request that a gate refused stays refused for the same head, the same gate and the same environment, until the
label `retry` is set anew. A refusal had in company (`context`) holds once that company has landed.

What was found of a target branch, green or red, holds for the lifetime that the gate has for its passes (`cache:`).
After it, and always for a gate that is `never` cached, the branch is gated again before anybody is refused, or
because of whoever waits for it: the result of such a gate may change while the tree does not, and nothing else would
tell that it did. What is found again is the same fact, and no new record.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import repeat

from config.schema import Gate
from tasks.domain.audit import Event, EventType
from tasks.domain.change_set_records import SET_EVENTS, SetRecord, set_records
from tasks.domain.gate_memory import GateLedger, GateMemory, holds
from tasks.domain.gates import definition_digest
from tasks.domain.joint_refusals import JointRefusal
from tasks.domain.land import Landed
from tasks.domain.model import CommitSha, Digest, PullRequest, TreeSha
from tasks.domain.odds import Judged, Sign
from tasks.domain.plan import ConflictFound
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.remembered import (
    BaseRedRecord,
    IntentRecord,
    LandedRecord,
    Pinned,
    RefusalRecord,
    parse_base_red,
    parse_conflict,
    parse_intent,
    parse_landed,
    parse_refusal,
    parse_rolled_back,
)
from tasks.domain.sign_off_records import SIGN_OFF_EVENTS, SignOffLedger, ledger_of

REMEMBERED = frozenset(
    {
        EventType.GATE_FINISHED,
        EventType.GATE_REFUSED,
        EventType.ALERT_RAISED,
        EventType.MERGE_INTENT,
        EventType.MERGE_COMPLETED,
        EventType.MERGE_FAILED,
        EventType.CHANGE_EVALUATED,
        EventType.ROLLBACK_COMPLETED,
        *SET_EVENTS,
        *SIGN_OFF_EVENTS,
    }
)
"""What `recall` has a use for: it passes over any other, so that nobody needs to read those for it."""


@dataclass(frozen=True, slots=True)
class Memory:
    """
    `gates` is what they found, whatever for; `until` is the number of the last event that was read.

    `conflicts` maps pull request and head to the one ahead that it conflicted with, and the files. `judged` is every
    head that gates came to an answer on, the latest last. `change_sets` are the last of each name, casefolded.
    `rolled_back` says why.
    """

    gates: GateMemory = field(default_factory=GateMemory)
    refusals: tuple[RefusalRecord, ...] = ()
    red_bases: tuple[BaseRedRecord, ...] = ()
    landed: Mapping[tuple[int, CommitSha], LandedRecord] = field(default_factory=dict)
    open_intents: tuple[IntentRecord, ...] = ()
    conflicts: Mapping[tuple[int, CommitSha], ConflictFound] = field(default_factory=dict)
    judged: tuple[Judged, ...] = ()
    change_sets: Mapping[str, SetRecord] = field(default_factory=dict)
    rolled_back: Mapping[tuple[int, CommitSha], str] = field(default_factory=dict)
    until: int = 0
    sign_offs: SignOffLedger = field(default_factory=SignOffLedger)

    @property
    def interactions(self) -> int:
        """How many pull requests were refused though they are good alone."""
        told = {(record.number, record.head) for record in self.refusals if record.code == ReasonCode.INTERACTION}
        return len(told)

    def landing_of(self, pull_request: PullRequest) -> Landed | None:
        record = self.landed.get((pull_request.number, pull_request.head))
        return None if record is None else record.landed

    def rollback_of(self, pull_request: PullRequest) -> tuple[Reason, ...]:
        """Why this very head was taken back; empty where it never was, or has landed again since."""
        message = self.rolled_back.get((pull_request.number, pull_request.head))
        return () if message is None else (Reason(ReasonCode.ROLLED_BACK, message, pull_request.author),)

    @property
    def taken_back(self) -> Mapping[CommitSha, int]:
        return {head: number for number, head in self.rolled_back}

    def explained(self, found: ConflictFound, head: CommitSha) -> ConflictFound:
        """A conflict with the target branch that came from one ahead landing is still the conflict with that one."""
        before = self.conflicts.get((found.number, head))
        if found.ahead is None and before is not None and before.ahead is not None and self.has_landed(before.ahead):
            return before
        return found

    def has_landed(self, number: int) -> bool:
        return any(landed == number for landed, _ in self.landed)

    def has_head_landed(self, number: int, head: CommitSha) -> bool:
        return (number, head) in self.landed

    def proves_green(self, tree: TreeSha, gates: Iterable[Gate], environment: Digest, at: datetime) -> bool:
        """
        Whether every required gate, of which there must be one, has a pass on this tree that still holds.

        What a gate said of it with others beside it says nothing of it alone.
        """
        required = [gate for gate in gates if gate.required]
        since = [self.gates.passes.get((tree, definition_digest(gate), environment, ())) for gate in required]
        return bool(required) and all(map(holds, required, since, repeat(at)))

    def refusal_of(
        self,
        pull_request: PullRequest,
        gates: Iterable[Gate],
        environment: Digest,
        together: frozenset[Pinned] = frozenset(),
    ) -> tuple[Reason, ...]:
        """
        The reasons for which gates refused this very head before; empty where it is to be gated (again).

        `together` are the others of its change set here: what was refused as one is refused in that company only.
        All that were told together the last time are told again, so that a rerun says the same.
        """
        definitions = {definition_digest(gate) for gate in gates}
        holding = [
            record
            for record in self.refusals
            if (record.number, record.head) == (pull_request.number, pull_request.head)
            and record.definition in definitions
            and record.environment == environment
            and record.together == together
            and not record.beside
            and pull_request.retry_requested in {None, record.retry}
            and all(member in self.landed for member in record.context)
        ]
        return tuple(
            Reason(ReasonCode(record.code), record.message, pull_request.author)
            for record in holding
            if (record.context, record.retry) == (holding[-1].context, holding[-1].retry)
        )

    def joint_refusals_of(
        self, pull_request: PullRequest, gates: Iterable[Gate], environment: Digest, together: frozenset[Pinned]
    ) -> tuple[JointRefusal, ...]:
        """What gates said of this head that saw all of its change set; who else is in that now is not known here."""
        definitions = {definition_digest(gate) for gate in gates}
        return tuple(
            JointRefusal(
                record.beside, record.retry, Reason(ReasonCode(record.code), record.message, pull_request.author)
            )
            for record in self.refusals
            if (record.number, record.head) == (pull_request.number, pull_request.head)
            and record.beside
            and record.definition in definitions
            and (record.environment, record.together) == (environment, together)
        )

    def red_base(
        self, tree: TreeSha, gates: Iterable[Gate], environment: Digest, retries: frozenset[str], at: datetime
    ) -> tuple[Reason, ...]:
        """Why the target branch at `tree` is known to be red; empty where that is to be found out (again)."""
        required = {definition_digest(gate): gate for gate in gates if gate.required}
        for record in reversed(self.red_bases):
            gate = required.get(record.definition)
            lasting = gate is not None and holds(gate, record.since, at)
            if lasting and (record.tree, record.environment) == (tree, environment) and retries <= record.retries:
                return (Reason(ReasonCode.BASE_RED, record.message),)
        return ()


def recall(events: Iterable[Event]) -> Memory:
    """Reads the events of one repository, in the order of the log, and holds on to none that it has no use for."""
    ledger = GateLedger()
    refusals: list[RefusalRecord] = []
    red_bases: list[BaseRedRecord] = []
    judged: dict[tuple[int, CommitSha], Judged] = {}
    landings = _Landings()
    intents: dict[str, IntentRecord] = {}
    conflicts: dict[tuple[int, CommitSha], ConflictFound] = {}
    of_sets: list[Event] = []
    of_signing: list[Event] = []
    last = 0
    for event in filter(_has_a_use, events):
        last = event.seq
        landings.take(event)
        match event.type:
            case EventType.GATE_FINISHED:
                ledger.take(event)
            case EventType.GATE_REFUSED:
                refusals.append(refusal := parse_refusal(event))
                judged[refusal.number, refusal.head] = Judged(_sign(event), bad=True)
            case EventType.ALERT_RAISED if event.data.get("alert") == "base-red":
                red_bases.append(parse_base_red(event))
            case EventType.MERGE_INTENT:
                intents[event.id] = parse_intent(event)
            case EventType.MERGE_COMPLETED:
                record = parse_landed(event)
                judged[record.landed.number, record.head] = Judged(_sign(event), bad=False)
                intents.pop(record.intent, None)
            case EventType.MERGE_FAILED if event.data.get("final", True):
                intents.pop(str(event.data["intent"]), None)
            case EventType.CHANGE_EVALUATED if (known := parse_conflict(event)) is not None:
                head, found = known
                conflicts[found.number, head] = found
            case kind if kind in SET_EVENTS | SIGN_OFF_EVENTS:
                (of_sets if kind in SET_EVENTS else of_signing).append(event)
            case _:
                pass
    return Memory(
        ledger.memory,
        tuple(refusals),
        tuple(red_bases),
        landings.there,
        tuple(intents.values()),
        conflicts,
        tuple(judged.values()),
        set_records(of_sets),
        landings.rolled_back,
        last,
        ledger_of(of_signing),
    )


@dataclass(slots=True)
class _Landings:
    """What is there of all that has landed, and why each head that was taken back and has not landed again was."""

    there: dict[tuple[int, CommitSha], LandedRecord] = field(default_factory=dict)
    rolled_back: dict[tuple[int, CommitSha], str] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        if event.type is EventType.MERGE_COMPLETED:
            record = parse_landed(event)
            pull = record.landed.number, record.head
            self.there[pull] = record
            self.rolled_back.pop(pull, None)
        if event.type is EventType.ROLLBACK_COMPLETED:
            for pull in parse_rolled_back(event):
                self.there.pop(pull, None)
                self.rolled_back[pull] = str(event.data["message"])


def _has_a_use(event: Event) -> bool:
    return event.type in REMEMBERED


def _sign(event: Event) -> Sign:
    """What was known of it before; nothing where a record is older than the word for it."""
    return Sign(str(event.data.get("sign", Sign.NONE)))
