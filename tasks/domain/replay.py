"""
What would other policies have said of what is on record?

Each recorded decision is judged again on the very facts that it was made on. Of each rule, and of the decision as a
whole, the verdict is pass, block or unknown: a rule that cannot be judged on what was recorded is unknown, which is
never a pass. Where that differs from what was decided it has flipped; one entry tells of all decisions in a row on a
pull request in which it did, and what wait that would have meant.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from pydantic import JsonValue

from config.schema import AnyRule, AuditTrailRule, Enforcement, GatesRule, PolicyFile, TestedTreeRule, digest_of_rules
from tasks.domain.audit import Event, EventType
from tasks.domain.checks.judgement import InError
from tasks.domain.compliance import Finding, evaluate
from tasks.domain.dossier import dicts
from tasks.domain.facts import Facts, rules_of
from tasks.domain.model import CommitSha
from tasks.domain.reasons import told_moment
from tasks.domain.remembered import moment_of

WHOLE = "decision"
"""In the place of a rule's id: what all of them come to."""

REPLAYED = frozenset({EventType.POLICY_DECIDED, EventType.MERGE_COMPLETED})


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 -- no password
    BLOCK = "block"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Said:
    """`because` is told for what does not pass."""

    verdict: Verdict
    because: str = ""


@dataclass(frozen=True, slots=True)
class Rejudged:
    """One decision: what was said then, and what is said now, by rule; `WHOLE` is among them."""

    event: Event
    then: Mapping[str, Said]
    now: Mapping[str, Said]

    @property
    def at(self) -> datetime:
        return moment_of(self.event)


@dataclass(frozen=True, slots=True)
class Flip:
    """
    Of one rule on one pull request, in `decisions` on record in a row.

    `wait` is what it would have waited longer than it did, in seconds, or less where that is below zero; None where
    the record does not tell, because nothing on it would have ended the wait.
    """

    first: Rejudged
    rule: str
    was: Verdict
    now: Verdict
    because: str
    decisions: int
    wait: int | None


Unjudged = tuple[Event, str, str]
"""A decision, the rule that could not be judged on its facts, and why."""


@dataclass(frozen=True, slots=True)
class Replay:
    policies: tuple[PolicyFile, ...]
    judged: tuple[Rejudged, ...]
    flips: tuple[Flip, ...]
    unjudged: tuple[Unjudged, ...]


def judge_again(
    events: Iterable[Event],
    policies: tuple[PolicyFile, ...],
    facts_of: Callable[[Event], Facts | str],
    since: datetime | None = None,
) -> Replay:
    """`events` are those of `REPLAYED` in the order of the log; `facts_of` tells why where there are none."""
    considered = [event for event in events if since is None or moment_of(event) >= since]
    landed = {
        _pull(event): moment_of(event) for event in reversed(considered) if event.type is EventType.MERGE_COMPLETED
    }
    judged = [
        _rejudged(event, policies, facts_of(event)) for event in considered if event.type is EventType.POLICY_DECIDED
    ]
    flips: list[Flip] = []
    for pull, group in groupby(sorted(judged, key=lambda each: (_pull(each.event), each.event.seq)), _of_pull):
        own = list(group)
        for rule in sorted({rule for each in own for rule in (*each.then, *each.now)}):
            flips += _flips(rule, own, landed.get(pull))
    unjudged = [
        (each.event, rule, said.because)
        for each in judged
        for rule, said in sorted(each.now.items())
        if said.verdict is Verdict.UNKNOWN
    ]
    ordered = sorted(flips, key=lambda flip: (flip.first.event.seq, flip.rule != WHOLE, flip.rule))
    return Replay(policies, tuple(judged), tuple(ordered), tuple(unjudged))


def _rejudged(event: Event, policies: tuple[PolicyFile, ...], facts: Facts | str) -> Rejudged:
    then = dict(_recorded(event))
    every = [rule for policy in policies for rule in policy.rules]
    if isinstance(facts, str):
        now = {rule.id: Said(Verdict.UNKNOWN, facts) for rule in every}
        return Rejudged(event, then, {**now, WHOLE: Said(Verdict.UNKNOWN, facts)})
    pull = facts.pull_request(int(str(event.subject["pull_request"])), CommitSha(str(event.subject["head"])))
    if pull is None:
        return _rejudged(event, policies, "the facts that were kept are not about this head")
    rules = rules_of(facts.demands, policies)
    report = evaluate(pull, rules, facts.circumstances, facts.proof)
    by_id = {rule.id: rule for policy in rules.policies for rule in policy.rules}
    now = {finding.rule: _said(finding, by_id[finding.rule], facts) for finding in report.findings}
    return Rejudged(event, then, {**now, WHOLE: _whole(now)})


def _recorded(event: Event) -> Iterator[tuple[str, Said]]:
    allowed = event.data["decision"] == "allow"
    yield WHOLE, Said(Verdict.PASS if allowed else Verdict.BLOCK)
    for rule in dicts(event.data["rules"]):
        against = rule["result"] in {"fail", "error"} and rule["enforcement"] == Enforcement.BLOCK.value
        yield str(rule["id"]), Said(Verdict.BLOCK if against else Verdict.PASS, str(rule["because"]))


def _said(finding: Finding, rule: AnyRule, facts: Facts) -> Said:
    if (why := _beyond_the_record(rule, facts)) is not None:
        return Said(Verdict.UNKNOWN, why)
    if isinstance(finding.judgement, InError):
        return Said(Verdict.UNKNOWN, finding.because)
    return Said(Verdict.BLOCK if finding.blocking else Verdict.PASS, finding.because)


def _beyond_the_record(rule: AnyRule, facts: Facts) -> str | None:
    """A gate that nobody had then has not failed; what was decided before gates ran says nothing of them."""
    if isinstance(rule, GatesRule | AuditTrailRule | TestedTreeRule) and facts.proof is None:
        return "nothing was gated when it was decided"
    if isinstance(rule, GatesRule) and not isinstance(rule.parameters.passed, str):
        there = {gate.name for gate in facts.demands.gates}
        missing = [name for name in rule.parameters.passed if name not in there]
        return f"there was no gate {', '.join(missing)} then" if missing else None
    return None


def _whole(now: Mapping[str, Said]) -> Said:
    """One rule that blocks is enough, and one that is unknown is too much to pass."""
    for verdict in (Verdict.BLOCK, Verdict.UNKNOWN):
        against = [f"{rule}: {said.because}" for rule, said in sorted(now.items()) if said.verdict is verdict]
        if against or not now:
            return Said(verdict, "; ".join(against) or "no rule was judged")
    return Said(Verdict.PASS)


_NOTHING_SAID = Said(Verdict.PASS, "there is no such rule")


def _flips(rule: str, own: Sequence[Rejudged], landed: datetime | None) -> Iterator[Flip]:
    """Each run of decisions in which the verdict flipped in the same way; unknown flips nothing."""

    def turned(each: Rejudged) -> tuple[Verdict, Verdict]:
        return _then(each, rule).verdict, each.now.get(rule, _NOTHING_SAID).verdict

    position = 0
    for (was, now), group in groupby(own, turned):
        run = list(group)
        if was is not now and Verdict.UNKNOWN not in {was, now}:
            first = run[0]
            because = (first.now if now is Verdict.BLOCK else first.then).get(rule, _NOTHING_SAID).because
            wait = _wait(rule, own[position:], now, landed)
            yield Flip(first, rule, was, now, because, len(run), wait)
        position += len(run)


def _then(each: Rejudged, rule: str) -> Said:
    """A rule that a record had no room for said what the decision came to, as far as anybody can tell."""
    if rule not in each.then and each.event.data.get("rules_more"):
        return Said(Verdict.UNKNOWN)
    return each.then.get(rule, _NOTHING_SAID)


def _wait(rule: str, own: Sequence[Rejudged], now: Verdict, landed: datetime | None) -> int | None:
    """From the first of `own` to what ended the wait, or would have."""
    begun = own[0].at
    if now is Verdict.BLOCK:
        ends = [each.at for each in own if each.now.get(rule, _NOTHING_SAID).verdict is Verdict.PASS]
        return _seconds(begun, ends[0]) if ends else None
    ends = [each.at for each in own if _then(each, rule).verdict is Verdict.PASS]
    ends += [landed] if landed is not None and landed >= begun else []
    return -_seconds(begun, min(ends)) if ends else None


def _seconds(begun: datetime, end: datetime) -> int:
    return round((end - begun).total_seconds())


def document(found: Replay, since: datetime | None) -> dict[str, JsonValue]:
    """What `merge-hub replay --json` prints."""
    whole = [each.now[WHOLE].verdict for each in found.judged]
    flipped = [each.then[WHOLE].verdict is not each.now[WHOLE].verdict for each in found.judged]
    return {
        "policies": {
            "digest": digest_of_rules(found.policies),
            "rules": list[JsonValue](sorted({rule.id for policy in found.policies for rule in policy.rules})),
        },
        "since": None if since is None else told_moment(since),
        "decisions": {
            "recorded": len(found.judged),
            "same": flipped.count(False),
            "flipped": sum(turned and now is not Verdict.UNKNOWN for turned, now in zip(flipped, whole, strict=True)),
            "unknown": whole.count(Verdict.UNKNOWN),
        },
        "flips": [_flip_document(flip) for flip in found.flips],
        "rules": [_rule_document(rule, found) for rule in _rules_told(found)],
        "not_judged": [{**_about(event), "rule": rule, "because": why} for event, rule, why in found.unjudged],
    }


def _rules_told(found: Replay) -> list[str]:
    told = {flip.rule for flip in found.flips} | {rule for _, rule, _ in found.unjudged}
    return sorted(told, key=lambda rule: (rule != WHOLE, rule))


def _rule_document(rule: str, found: Replay) -> dict[str, JsonValue]:
    flips = [flip for flip in found.flips if flip.rule == rule]
    return {
        "rule": rule,
        "pass_to_block": sum(flip.now is Verdict.BLOCK for flip in flips),
        "block_to_pass": sum(flip.now is Verdict.PASS for flip in flips),
        "not_judged": sum(unjudged == rule for _, unjudged, _ in found.unjudged),
        "wait_seconds": sum(flip.wait or 0 for flip in flips),
        "wait_unknown": sum(flip.wait is None for flip in flips),
    }


def _flip_document(flip: Flip) -> dict[str, JsonValue]:
    return {
        **_about(flip.first.event),
        "rule": flip.rule,
        "from": flip.was.value,
        "to": flip.now.value,
        "because": flip.because,
        "decisions": flip.decisions,
        "wait_seconds": flip.wait,
    }


def _about(event: Event) -> dict[str, JsonValue]:
    return {
        "repository": None if event.repository is None else event.repository.name,
        "team": event.team,
        "pull_request": event.subject["pull_request"],
        "head": event.subject["head"],
        "decided_at": event.time,
        "event": event.id,
    }


def _pull(event: Event) -> tuple[str, int]:
    return "" if event.repository is None else event.repository.id, int(str(event.subject["pull_request"]))


def _of_pull(each: Rejudged) -> tuple[str, int]:
    return _pull(each.event)
