"""Recorded decisions, judged by other policies."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from config.schema import BASELINE_POLICIES, PolicyFile
from tasks.domain.audit import Event
from tasks.domain.checks.gating import Proof
from tasks.domain.compliance import evaluate
from tasks.domain.decision_records import policy_decided
from tasks.domain.facts import Facts, facts_of
from tasks.domain.gates import Verdict
from tasks.domain.land import Landed
from tasks.domain.model import Circumstances, Digest, PullRequest, Review
from tasks.domain.protection import Protection
from tasks.domain.replay import Replay, document, judge_again
from tests.domain.builders import (
    NOON,
    approval,
    candidate,
    evaluation,
    gate_result,
    pull_request,
    recorder,
    rules,
    sha,
    tree,
)
from tests.domain.chronicle import Chronicle

METHOD = rules().method
UNKNOWN = Circumstances()


def policies(*written: dict[str, Any]) -> tuple[PolicyFile, ...]:
    outline = {"apiVersion": "merge-hub/v1", "kind": "Policy", "metadata": {"name": "proposed", "owner": "us"}}
    return (PolicyFile.model_validate({**outline, "rules": list(written)}),)


def rule(
    check: str = "approvals", identifier: str = "NEW-001", *, enforcement: str = "block", **parameters: Any
) -> dict[str, Any]:
    outline = {"id": identifier, "title": "Proposed", "check": check, "severity": "high", "enforcement": enforcement}
    return {**outline, "with": parameters} if parameters else outline


class Record:
    """What was decided, an hour after each other, with the facts that were kept."""

    def __init__(self) -> None:
        self.log = Chronicle()
        self.facts: dict[str, Facts] = {}

    @property
    def events(self) -> Sequence[Event]:
        return self.log.events

    def decides(
        self,
        pull: PullRequest,
        *,
        by: tuple[PolicyFile, ...] = BASELINE_POLICIES,
        kept: bool = True,
        known: Circumstances = UNKNOWN,
    ) -> None:
        proof = Proof(evaluation(pull.number, results=(gate_result(),)), frozenset({"unit"}))
        report = evaluate(pull, rules(policies=by), known, proof)
        digest = f"sha256:{len(self.facts):064x}"
        self.facts[digest] = facts_of((pull,), rules(policies=by), known, proof)
        self._hour_passes()
        self.log.append(
            [policy_decided(recorder(), report, candidate(pull.number), "sha256:old", Digest(digest) if kept else None)]
        )

    def lands(self, pull: PullRequest) -> None:
        intent = recorder().merge_intent(pull, candidate(pull.number), METHOD, {})
        landed = Landed(pull.number, sha(9), tree(1), tree(1), METHOD)
        self._hour_passes()
        self.log.append([recorder().merge_completed(intent, landed)])

    def judged_by(self, *written: dict[str, Any]) -> dict[str, Any]:
        return document(self.replayed(*written), None)

    def replayed(self, *written: dict[str, Any]) -> Replay:
        return judge_again(self.events, policies(*written), self._facts_of)

    def _facts_of(self, event: Event) -> Facts | str:
        return self.facts.get(str(event.data["facts"]), "no facts were kept")

    def _hour_passes(self) -> None:
        self.log.now += timedelta(minutes=59)


def approved_by(*names: str) -> PullRequest:
    return pull_request(reviews=tuple[Review, ...](approval(name) for name in names))


def told(found: dict[str, Any]) -> list[tuple[str, str, str, int | None]]:
    return [(flip["rule"], flip["from"], flip["to"], flip["wait_seconds"]) for flip in found["flips"]]


def test_the_same_policies_flip_nothing() -> None:
    record = Record()
    record.decides(approved_by("carol"))
    record.decides(approved_by())
    found = judge_again(record.events, BASELINE_POLICIES, lambda event: record.facts[str(event.data["facts"])])

    assert (found.flips, found.unjudged) == ((), ())


def test_what_would_have_waited_is_told_with_the_wait_until_the_record_satisfies_the_rule() -> None:
    record = Record()
    record.decides(approved_by("carol"))
    record.decides(approved_by("carol", "dave"))

    assert told(record.judged_by(rule(min=2))) == [
        ("decision", "pass", "block", 3600),
        ("NEW-001", "pass", "block", 3600),
    ]


def test_a_wait_that_nothing_on_record_ends_is_unknown() -> None:
    record = Record()
    record.decides(approved_by("carol"))
    record.lands(approved_by("carol"))
    found = record.judged_by(rule(min=2))

    assert told(found) == [("decision", "pass", "block", None), ("NEW-001", "pass", "block", None)]
    assert found["rules"][0]["wait_unknown"] == 1
    assert found["flips"][0]["because"] == "NEW-001: 1 of 2 independent approvals of 0000000"


def test_what_would_have_landed_earlier_saves_the_wait_until_it_landed() -> None:
    record = Record()
    strict = policies(rule(identifier="COM-001", min=2))
    record.decides(approved_by("carol"), by=strict)
    record.decides(approved_by("carol", "dave"), by=strict)
    found = record.judged_by(rule(identifier="COM-001"))

    assert told(found) == [("decision", "block", "pass", -3600), ("COM-001", "block", "pass", -3600)]


def test_decisions_in_a_row_are_one_flip() -> None:
    record = Record()
    for label in ("a", "b", "c"):
        record.decides(pull_request(labels=[label]))
    found = record.judged_by(rule("labels", all_of=["d"]))

    assert [flip["decisions"] for flip in found["flips"]] == [3, 3]
    assert found["decisions"] == {"recorded": 3, "same": 0, "flipped": 3, "unknown": 0}


def test_a_record_without_facts_is_unknown_and_flips_nothing() -> None:
    record = Record()
    record.decides(approved_by("carol"), kept=False)
    found = record.judged_by(rule(min=2))

    assert (told(found), found["decisions"]["unknown"]) == ([], 1)
    assert [(each["rule"], each["because"]) for each in found["not_judged"]] == [
        ("NEW-001", "no facts were kept"),
        ("decision", "no facts were kept"),
    ]


def test_a_gate_that_nobody_had_then_is_unknown_and_no_pass() -> None:
    record = Record()
    record.decides(approved_by("carol"))
    found = record.judged_by(rule("gates", passed=["unit", "scan"]), rule(identifier="NEW-002"))

    assert (told(found), found["decisions"]["unknown"]) == ([], 1)
    assert found["not_judged"][0]["because"] == "there was no gate scan then"


def test_a_warning_blocks_nobody() -> None:
    record = Record()
    record.decides(approved_by("carol"))

    assert told(record.judged_by(rule(enforcement="warn", min=2))) == []


def test_only_what_was_decided_since_is_judged() -> None:
    record = Record()
    record.decides(approved_by("carol"))
    found = judge_again(record.events, policies(rule()), lambda _: "not asked", NOON + timedelta(days=1))

    assert (found.judged, document(found, NOON)["since"]) == ((), "2026-03-02T12:00:00Z")


def test_a_failed_gate_blocks_again() -> None:
    record = Record()
    pull = pull_request()
    record.decides(pull)
    (digest,) = record.facts
    failed = Proof(evaluation(1, results=(gate_result(verdict=Verdict.FAILED),)), frozenset())
    record.facts[digest] = facts_of((pull,), rules(), Circumstances(), failed)

    assert told(record.judged_by(rule("gates")))[0] == ("decision", "pass", "block", None)


def test_what_guarded_the_branch_is_judged_as_it_was_and_unknown_where_nobody_read_it() -> None:
    record, demands = Record(), rule("ruleset", linear_history=True)
    record.decides(approved_by("carol"))
    record.decides(pull_request(2), known=Circumstances(protection=Protection("main", ())))
    found = record.replayed(demands)

    assert [(rule, because) for _, rule, because in found.unjudged if rule == "NEW-001"] == [
        ("NEW-001", "it is to be known what guards main, and is not")
    ]
    assert ("NEW-001", "pass", "block", None) in told(document(found, None))
