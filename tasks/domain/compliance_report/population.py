"""
The population: every change that landed in the period, each with what allowed it and what speaks against it.

A change is compliant if nothing does. What cannot be shown speaks against it: a landing without a decision of the
policies, without the evidence that it rested on, or with rules that the record had no room for, is not compliant. A
rollback restores what was there and is judged by no policy; it is in the population, and neither for nor against.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import JsonValue

from tasks.domain.audit import Event, EventType
from tasks.domain.compliance_report.passing import Passing, passing_in
from tasks.domain.compliance_report.period import Period
from tasks.domain.compliance_report.record import Record, about, named, text, texts, whole
from tasks.domain.dossier import dicts

Grounds = Mapping[str, Mapping[str, Any]]
"""What decisions to land rested on, by digest."""

HUB = "merge-hub"
_PASSES = frozenset({"pass", "not_applicable"})


class Kind(StrEnum):
    STANDARD = "standard"
    EMERGENCY = "emergency"
    ROLLBACK = "rollback"


class Standing(StrEnum):
    COMPLIANT = "compliant"
    NOT_COMPLIANT = "not compliant"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Judged:
    """One rule on one change; `result` is as it was recorded, `against` why it does not count, None where it does."""

    rule: str
    result: str
    blocking: bool
    controls: tuple[str, ...]
    against: str | None
    waiver: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """
    One landing; `commit` is what the target branch was at behind it, with all of its `batch`.

    `commits` is how many it put onto the branch's own line, None where that is not on record: over a population they
    add up to what git lists there. Of a rollback `head` is empty, and it has one commit for each that it `takes_back`.
    `event` is what recorded it, `cited` the digest of what it rested on; `contributors`, `approvers` and `signers` are
    people as the code host and `signers.yml` name them. `reconciled` says that the branch was compared with the log
    after it landed.
    """

    kind: Kind
    team: str
    repository: str
    repository_id: str
    pull_requests: tuple[int, ...]
    head: str
    title: str
    author: str | None
    commit: str
    tree: str
    target: str
    landed_at: str
    event: str
    seq: int
    intent: str
    decision: str
    policy: str
    cited: str
    reconciled: bool
    rules: tuple[Judged, ...] = ()
    against: tuple[str, ...] = ()
    contributors: tuple[str, ...] = ()
    approvers: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()
    takes_back: tuple[str, ...] = ()
    batch: tuple[int, ...] = ()
    commits: int | None = None

    @property
    def standing(self) -> Standing:
        if self.kind is Kind.ROLLBACK:
            return Standing.NOT_JUDGED
        return Standing.NOT_COMPLIANT if self.against else Standing.COMPLIANT

    @property
    def named(self) -> str:
        return f"{self.repository}{''.join(f' #{number}' for number in self.pull_requests)}"


def landed_in(record: Record, period: Period) -> tuple[Event, ...]:
    """The ends of landings, in the order of the log."""
    return tuple(each for each in record.of(EventType.MERGE_COMPLETED) if period.holds(each.time))


def grounds_cited(record: Record, period: Period) -> tuple[str, ...]:
    """The digests of what the changes of the period rested on, each once."""
    intents = {each.id: each for each in record.of(EventType.MERGE_INTENT)}
    found = (intents.get(text(each.data.get("intent"))) for each in landed_in(record, period))
    digests = (intent.data.get("grounds") for intent in found if intent is not None)
    return tuple(dict.fromkeys(each for each in digests if isinstance(each, str)))


def population(record: Record, period: Period, grounds: Grounds, as_of: str) -> tuple[Change, ...]:
    """In the order of the log."""
    reader = _Reader(record, grounds, as_of)
    changes = [reader.change(each) for each in landed_in(record, period)]
    rollbacks = [each for each in record.of(EventType.ROLLBACK_COMPLETED) if period.holds(each.time)]
    return tuple(sorted([*changes, *map(reader.rollback, rollbacks)], key=lambda change: change.seq))


class _Reader:
    def __init__(self, record: Record, grounds: Grounds, as_of: str) -> None:
        self._grounds = grounds
        self._intents = {each.id: each for each in record.of(EventType.MERGE_INTENT)}
        self._decisions: dict[tuple[object, ...], list[Event]] = {}
        for each in record.of(EventType.POLICY_DECIDED):
            self._decisions.setdefault(_landing(each), []).append(each)
        self._passing = passing_in(record, as_of)
        self._logins = {each.id: text(each.data.get("login")) for each in record.of(EventType.SIGNATURE_GIVEN)}
        self._compared: dict[tuple[str, str], int] = {}
        for each in record.of(EventType.RECONCILIATION_COMPLETED):
            self._compared[about(each), text(each.subject.get("ref"))] = each.seq

    def change(self, landed: Event) -> Change:
        intent = self._intents.get(text(landed.data.get("intent")))
        said = {} if intent is None else intent.data
        earlier = [each for each in self._decisions.get(_landing(landed), []) if each.seq < landed.seq]
        decision = earlier[-1] if earlier else None
        cited, target = text(said.get("grounds")), text(said.get("target"))
        grounds = self._grounds.get(cited)
        contributors = _people(grounds, "contributors", landed.data.get("author"))
        rules = tuple(self._rules(decision, landed, contributors))
        return Change(
            kind=Kind.EMERGENCY if said.get("class") == "emergency" else Kind.STANDARD,
            team=landed.team or "",
            repository=named(landed),
            repository_id=about(landed),
            pull_requests=(whole(landed.subject.get("pull_request")),),
            head=text(landed.subject.get("head")),
            title=text(landed.data.get("title")),
            author=None if landed.data.get("author") is None else text(landed.data.get("author")),
            commit=text(landed.data.get("commit")),
            tree=text(landed.data.get("tree")),
            target=target,
            landed_at=landed.time,
            event=landed.id,
            seq=landed.seq,
            intent="" if intent is None else intent.id,
            decision="" if decision is None else decision.id,
            policy=text(said.get("policy")),
            cited=cited,
            reconciled=self._is_compared(landed, target),
            rules=rules,
            against=tuple(_against(landed, decision, rules, grounds)),
            contributors=contributors,
            approvers=tuple(sorted({str(each["reviewer"]) for each in _listed(grounds, "approvals")})),
            signers=tuple(sorted({self._signer(each) for each in _listed(grounds, "sign_offs")})),
            batch=_numbers(said.get("pull_requests")),
            commits=_commits(said, landed.subject.get("pull_request")),
        )

    def rollback(self, done: Event) -> Change:
        numbers = done.subject.get("pull_requests")
        target = text(done.data.get("target"))
        return Change(
            kind=Kind.ROLLBACK,
            team=done.team or "",
            repository=named(done),
            repository_id=about(done),
            pull_requests=_numbers(numbers),
            head="",
            title=f"Rollback: {text(done.data.get('because'))}",
            author=HUB,
            commit=text(done.data.get("revert")),
            tree="",
            target=target,
            landed_at=done.time,
            event=done.id,
            seq=done.seq,
            intent="",
            decision="",
            policy="",
            cited="",
            reconciled=self._is_compared(done, target),
            takes_back=texts(done.data.get("reverted")),
            batch=_numbers(numbers),
            commits=len(texts(done.data.get("reverted"))) or None,
        )

    def _is_compared(self, landed: Event, target: str) -> bool:
        return self._compared.get((about(landed), f"refs/heads/{target}"), 0) > landed.seq

    def _signer(self, signed: Mapping[str, Any]) -> str:
        """As the code host knows the person, where the signature is on record."""
        return self._logins.get(str(signed.get("event"))) or str(signed.get("person"))

    def _rules(self, decision: Event | None, landed: Event, contributors: Sequence[str]) -> Iterator[Judged]:
        for rule in [] if decision is None else dicts(decision.data.get("rules")):
            result, waiver = text(rule.get("result")), rule.get("waiver")
            against = None if result in _PASSES else text(rule.get("because")) or result
            if result == "waived":
                against = self._passing.why_improper(Passing(landed, text(waiver), tuple(contributors)))
            yield Judged(
                rule=text(rule.get("id")),
                result=result,
                blocking=rule.get("enforcement") == "block",
                controls=texts(rule.get("controls")),
                against=against,
                waiver=None if waiver is None else str(waiver),
            )


def _landing(event: Event) -> tuple[object, ...]:
    subject = event.subject
    return about(event), subject.get("pull_request"), subject.get("head"), subject.get("candidate")


def _against(
    landed: Event, decision: Event | None, rules: Sequence[Judged], grounds: Mapping[str, Any] | None
) -> Iterator[str]:
    if decision is None:
        yield "no decision of the policies on this head and candidate is on record"
    else:
        if decision.data.get("decision") != "allow":
            yield "the policies did not allow it"
        if decision.data.get("rules_more"):
            yield "not all rules that were judged are on record"
        if not any(rule.blocking for rule in rules):
            yield "no rule that could have held it was judged"
    yield from (f"{rule.rule} ({rule.result}): {rule.against}" for rule in rules if rule.blocking and rule.against)
    if landed.data.get("tree") != landed.data.get("gated_tree"):
        yield "the tree that landed is not the one that was gated"
    if grounds is None:
        yield "what the decision to land it rested on is not in evidence"


def _numbers(value: JsonValue) -> tuple[int, ...]:
    return tuple(whole(each) for each in value) if isinstance(value, list) else ()


def _commits(intended: Mapping[str, JsonValue], number: JsonValue) -> int | None:
    members, counts = _numbers(intended.get("pull_requests")), _numbers(intended.get("commits"))
    own = [count for member, count in zip(members, counts, strict=False) if member == number]
    return own[0] if len(members) == len(counts) and own else None


def _people(grounds: Mapping[str, Any] | None, name: str, author: object) -> tuple[str, ...]:
    found = grounds.get(name) if grounds is not None else None
    people = {str(each) for each in found} if isinstance(found, list) else set()
    return tuple(sorted(people | ({str(author)} if author is not None else set())))


def _listed(grounds: Mapping[str, Any] | None, name: str) -> Sequence[Mapping[str, Any]]:
    found = grounds.get(name) if grounds is not None else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
