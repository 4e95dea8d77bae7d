from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.schema import Enforcement, MergeMethod, Severity
from tasks.domain.audit import MAXIMUM_BYTES, Event, EventType
from tasks.domain.checks.judgement import judged
from tasks.domain.compliance import ComplianceReport, Finding
from tasks.domain.decision_records import denies_as, policy_denied
from tasks.domain.decision_records import policy_decided as policy_decided_by
from tasks.domain.errors import CodeHostRefused
from tasks.domain.gates import Verdict, definition_digest
from tasks.domain.land import Landed
from tasks.domain.model import CommitSha, Digest, PullRequest
from tasks.domain.plan import ConflictFound, conflict_reason
from tasks.domain.reasons import Outcome, Reason, ReasonCode
from tasks.domain.records import Refused
from tasks.domain.remembered import (
    BaseRedRecord,
    IntentRecord,
    LandedRecord,
    RefusalRecord,
    parse_base_red,
    parse_conflict,
    parse_intent,
    parse_landed,
    parse_refusal,
)
from tasks.domain.search import Culprit
from tests.domain.builders import (
    BASE,
    ENVIRONMENT,
    NOON,
    candidate,
    gate,
    gate_result,
    pull_request,
    recorder,
    red,
    sha,
    taken,
    tree,
)

FAILED = gate_result(verdict=Verdict.FAILED, exit_code=1)
HELD = Reason(ReasonCode.LABEL_MISSING, "the label ready is not set", "alice")
CONFLICT = ConflictFound(1, 7, ("a.py", "b.py"))
LANDED = Landed(1, CommitSha("c" * 40), tree(1), tree(1), MergeMethod.SQUASH)


def finding(because: str = "1 of 1", *reasons: Reason) -> Finding:
    return Finding("T-001", "A rule", Severity.HIGH, Enforcement.BLOCK, ("SOC2:CC8.1",), judged(because, reasons))


def gate_finished(
    *members: int, name: str = "unit", environment: str = ENVIRONMENT, verdict: Verdict = Verdict.PASSED, **facts: Any
) -> Event:
    result = gate_result(name, verdict, **facts)
    return recorder().gate_finished(candidate(*members), gate(name), Digest(environment), result)


def gate_refused(
    pull: PullRequest | None = None,
    *context: PullRequest,
    name: str = "unit",
    environment: str = ENVIRONMENT,
    message: str = "gate unit failed",
) -> Event:
    refused = Refused(gate(name), FAILED, Digest(environment), Reason(ReasonCode.GATE_FAILED, message, "alice"))
    numbers = tuple(one.number for one in context)
    return recorder().gate_refused(pull or pull_request(), Culprit(1, numbers, red(*numbers, 1)), refused, context)


def base_red(*, base: str = BASE, name: str = "unit", environment: str = ENVIRONMENT, retries: Any = ()) -> Event:
    found = red(base=base)
    return recorder().base_red(found, gate(name), Digest(environment), frozenset(retries), "main itself is red")


def policy_decided(*findings: Finding, number: int = 1, members: tuple[int, ...] = (1,), policy: str = "p1") -> Event:
    report = ComplianceReport(pull_request(number), findings or (finding(),))
    return policy_decided_by(recorder(), report, candidate(*members), policy)


def merge_intent(number: int = 1, *, head: str | None = None, members: tuple[int, ...] = (1,), **details: Any) -> Event:
    pull = pull_request(number, head=head)
    return recorder().merge_intent(pull, candidate(*members), MergeMethod.SQUASH, details)


def evaluated(
    *reasons: Reason, outcome: Outcome = Outcome.HELD, pull: PullRequest | None = None, conflict: Any = None
) -> Event:
    return recorder().change_evaluated(pull or pull_request(), outcome, reasons or (HELD,), conflict)


def merge_failed(message: str = "declined", *, final: bool = False) -> Event:
    return recorder().merge_failed(merge_intent(), message, final=final)


def failure(message: str = "no answer", since: int = 3) -> Event:
    return recorder().repository_failed(CodeHostRefused(message, remedy="Run again."), since)


def tree_differs(commit: str = LANDED.commit, *, rollback: bool = False) -> Event:
    landed = replace(LANDED, commit=CommitSha(commit))
    return recorder().tree_differs(merge_intent(), landed, "landed as another tree", rollback=rollback)


DIFFERENT = {
    "a pass": gate_finished(1),
    "a pass on another tree": gate_finished(1, 2),
    "a pass of another gate": gate_finished(1, name="e2e"),
    "a pass in another environment": gate_finished(1, environment="sha256:0"),
    "a failure": gate_finished(1, verdict=Verdict.FAILED),
    "a refusal": gate_refused(),
    "a refusal of another head": gate_refused(pull_request(1, head="f" * 40)),
    "a refusal of another one": gate_refused(pull_request(2)),
    "a refusal by another gate": gate_refused(name="e2e"),
    "a refusal in another environment": gate_refused(environment="sha256:0"),
    "a refusal in company": gate_refused(None, pull_request(2)),
    "a refusal in company of another head": gate_refused(None, pull_request(2, head="f" * 40)),
    "a refusal after a retry": gate_refused(pull_request(retry_requested="L1")),
    "a red base": base_red(),
    "another red base": base_red(base="d" * 40),
    "a base that another gate calls red": base_red(name="e2e"),
    "a base that is red elsewhere": base_red(environment="sha256:0"),
    "a base that is red after a retry": base_red(retries={"L1"}),
    "a decision": policy_decided(),
    "a decision on another one": policy_decided(number=2),
    "a decision on another candidate": policy_decided(members=(1, 2)),
    "a decision by other policies": policy_decided(policy="p2"),
    "a decision on other grounds": policy_decided(finding("2 of 1")),
    "an intent": merge_intent(),
    "an intent for another head": merge_intent(head="f" * 40),
    "an intent for another candidate": merge_intent(members=(1, 2)),
    "a landing": recorder().merge_completed(merge_intent(), LANDED),
    "an attempt that was declined": merge_failed(),
    "an attempt that was declined otherwise": merge_failed("the base moved"),
    "an evaluation": evaluated(),
    "an evaluation of another head": evaluated(pull=pull_request(1, head="f" * 40)),
    "an evaluation with another outcome": evaluated(outcome=Outcome.FAILED),
    "an evaluation with more reasons": evaluated(HELD, HELD),
    "an evaluation with another message": evaluated(replace(HELD, message="it is a draft")),
    "an evaluation with another actor": evaluated(replace(HELD, actor="bob")),
    "a failure of the repository": failure(),
    "a failure after something else happened": failure(since=4),
    "a tree that differs": tree_differs(),
    "another tree that differs": tree_differs("d" * 40),
}


def test_different_facts_are_different_events() -> None:
    assert len({event.id for event in DIFFERENT.values()}) == len(DIFFERENT)


SAME = {
    "the log, time and candidate of a gate": (
        gate_finished(1),
        recorder().gate_finished(
            replace(candidate(1), commit=CommitSha("9" * 40)), gate(), ENVIRONMENT, gate_result(seconds=99, cached=True)
        ),
    ),
    "the words and the log of a refusal": (gate_refused(), gate_refused(message="failed")),
    "what is to be done about a tree that differs": (tree_differs(), tree_differs(rollback=True)),
    "the details of an intent": (merge_intent(), merge_intent(title="Another title", grounds="sha256:1")),
    "the title of an evaluated pull request": (evaluated(), evaluated(pull=pull_request(title="Another"))),
    "the conflict beside an evaluation": (evaluated(), evaluated(conflict=CONFLICT)),
    "the words of a failure, in which a time may stand": (failure(), failure("no answer at 12:01")),
    "whether a failed attempt was the last": (merge_failed(), merge_failed(final=True)),
}


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME)
def test_one_fact_is_one_event_whatever(pair: tuple[Event, Event]) -> None:
    assert pair[0].id == pair[1].id


def test_the_same_fact_of_another_repository_or_organization_is_another() -> None:
    elsewhere = (recorder(), recorder(repository_id="1002"), recorder(organization="Other"))
    events = [one.gate_finished(candidate(1), gate(), ENVIRONMENT, gate_result()) for one in elsewhere]

    assert len({event.id for event in events}) == 3


def test_the_same_fact_of_a_renamed_repository_is_the_same() -> None:
    events = [
        one.gate_finished(candidate(1), gate(), ENVIRONMENT, gate_result())
        for one in (recorder(), recorder(repository="acme/site"))
    ]

    assert events[0].id == events[1].id


def test_a_fact_of_the_organization_names_no_repository() -> None:
    event = replace(recorder(), repository=None).event(EventType.REPORT_GENERATED, {"report": "r"}, {})

    assert (event.repository, event.data) == (None, {})


FACTS = st.tuples(st.sampled_from(EventType), st.dictionaries(st.text(), st.text() | st.integers(0, 9) | st.none()))


@settings(max_examples=30, deadline=None)
@given(FACTS, FACTS, st.integers(0, 10**6), st.datetimes())
def test_an_event_is_the_fact_and_neither_its_place_nor_its_time(one: Any, other: Any, seq: int, time: Any) -> None:
    events = [recorder().event(kind, subject, {}) for kind, subject in (one, other)]
    placed = events[0].model_copy(update={"seq": seq, "time": time.isoformat()})

    assert (events[0].id == events[1].id) is (one == other)
    assert placed.id == recorder().event(one[0], one[1], {"anything": "else"}).id


@pytest.mark.parametrize("event", DIFFERENT.values(), ids=DIFFERENT)
def test_what_is_written_is_read_back_as_it_was(event: Event) -> None:
    assert Event.model_validate_json(event.canonical()) == event


def test_a_refusal_is_read_back() -> None:
    event = gate_refused(pull_request(1, retry_requested="L1"), pull_request(2), pull_request(3))

    assert parse_refusal(event) == RefusalRecord(
        number=1,
        head=sha(1),
        gate="unit",
        definition=definition_digest(gate()),
        environment=ENVIRONMENT,
        context=((2, sha(2)), (3, sha(3))),
        retry="L1",
        code="gate-failed",
        message="gate unit failed",
        tree=tree(2, 3, 1),
    )


def test_a_refusal_alone_and_without_retry_is_read_back() -> None:
    record = parse_refusal(gate_refused())

    assert (record.context, record.retry) == ((), None)


def test_a_red_base_is_read_back() -> None:
    assert parse_base_red(taken(base_red(retries={"L2", "L1"}))) == BaseRedRecord(
        tree(), definition_digest(gate()), ENVIRONMENT, frozenset({"L1", "L2"}), "main itself is red", NOON
    )


def test_an_intent_is_read_back() -> None:
    event = merge_intent(members=(1, 2))

    assert parse_intent(event) == IntentRecord(
        event=event.id,
        number=1,
        head=sha(1),
        base=BASE,
        candidate=candidate(1, 2).commit,
        tree=tree(1, 2),
        method=MergeMethod.SQUASH,
    )


def test_a_landing_is_read_back() -> None:
    intent = merge_intent()

    assert parse_landed(recorder().merge_completed(intent, LANDED)) == LandedRecord(intent.id, sha(1), LANDED)


def test_a_landing_says_what_its_intent_knew() -> None:
    known: dict[str, Any] = {"opened_at": "2026-03-01T12:00:00+00:00", "title": "Change 1", "author": "alice"}
    completed = recorder().merge_completed(merge_intent(**known), LANDED)

    assert {name: completed.data[name] for name in known} == known


def test_a_conflict_with_one_ahead_is_read_back() -> None:
    assert parse_conflict(evaluated(conflict=CONFLICT)) == (sha(1), CONFLICT)


@pytest.mark.parametrize("conflict", [None, ConflictFound(1, None, ("a.py",))])
def test_no_conflict_with_one_ahead_is_none(conflict: ConflictFound | None) -> None:
    assert parse_conflict(evaluated(conflict=conflict)) is None


def test_a_conflict_in_very_many_files_says_the_same_after_it_was_read_back() -> None:
    found = ConflictFound(1, 7, tuple(f"src/{number}/{'x' * 200}.py" for number in range(3000)))
    parsed = parse_conflict(evaluated(conflict=found))

    assert parsed is not None
    assert conflict_reason(parsed[1], {1: pull_request()}) == conflict_reason(found, {1: pull_request()})


EMOJI = "\N{COLLISION SYMBOL}" * 70_000
HOSTILE = {
    "a title of control characters": evaluated(pull=pull_request(title="\0" * 70_000)),
    "a title of half a character": evaluated(pull=pull_request(title="\ud800")),
    "a title of wide characters": evaluated(pull=pull_request(title=EMOJI)),
    "the approvals of very many strangers": evaluated(
        *(Reason(ReasonCode.APPROVER_NOT_AUTHORIZED, f"{n} approved, but may not write", str(n)) for n in range(1500))
    ),
    "a reason without end": evaluated(Reason(ReasonCode.LANDING_REJECTED, EMOJI)),
    "a conflict in very many files": evaluated(conflict=ConflictFound(1, 7, (EMOJI,) * 3000)),
    "very many findings": policy_decided(*(finding("x" * 200) for _ in range(600))),
    "a finding without end": policy_decided(finding(EMOJI)),
    "an answer of the host without end": merge_failed(EMOJI),
    "an error without end": failure(EMOJI),
    "the largest batch": gate_refused(None, *(pull_request(number) for number in range(2, 101)), message=EMOJI),
    "very many retries": base_red(retries={f"LE_{number:030}" for number in range(1000)}),
}


@pytest.mark.parametrize("event", HOSTILE.values(), ids=HOSTILE)
def test_an_event_fits_into_the_log_with(event: Event) -> None:
    placed = event.model_copy(update={"seq": 2**53 - 1, "time": "2026-03-02T12:00:00.000Z"})

    assert len(placed.canonical()) <= MAXIMUM_BYTES


def test_what_has_no_room_in_a_list_is_counted() -> None:
    event = HOSTILE["very many findings"]
    rules, more = event.data["rules"], event.data["rules_more"]

    assert isinstance(rules, list)
    assert isinstance(more, int)
    assert len(rules) + more == 600


def test_facts_that_differ_only_in_what_has_no_room_are_different() -> None:
    many = [Reason(ReasonCode.LABEL_MISSING, f"the label {number} is not set") for number in range(700)]

    assert evaluated(*many).id != evaluated(*many[:-1]).id


def test_seconds_are_kept_as_whole_milliseconds() -> None:
    assert gate_finished(1, seconds=1.2345).data["milliseconds"] == 1234


def test_a_decision_says_of_each_rule_whether_it_passed() -> None:
    data: dict[str, Any] = policy_decided(finding("2 of 2"), finding("0 of 2", HELD)).data

    assert data["decision"] == "deny"
    assert [each["result"] for each in data["rules"]] == ["pass", "fail"]


def test_a_decision_allows_where_every_rule_is_satisfied() -> None:
    assert policy_decided(finding()).data["decision"] == "allow"


def denied(*findings: Finding, policy: str = "p1", after: Event | None = None) -> tuple[ComplianceReport, Event]:
    report = ComplianceReport(pull_request(1), findings)
    return report, policy_denied(recorder(), report, policy, Digest("sha256:f"), after)


@pytest.mark.parametrize(
    ("findings", "policy", "same"),
    [
        ((finding("0 of 2", HELD),), "p1", True),
        ((finding("0 of 2", HELD), finding("9 of 30 commits behind")), "p1", True),
        ((finding("1 of 2", HELD),), "p1", False),
        ((finding("0 of 2", HELD), finding("none", HELD)), "p1", False),
        ((finding("0 of 2", HELD),), "p2", False),
    ],
)
def test_only_what_is_denied_for_other_reasons_or_by_other_policies_is_another_denial(
    findings: tuple[Finding, ...], policy: str, *, same: bool
) -> None:
    _, before = denied(finding("0 of 2", HELD), finding("3 of 30 commits behind"))
    report, _ = denied(*findings)

    assert denies_as(before, report, policy) is same


def test_a_denial_with_more_rules_than_are_told_is_the_same_denial() -> None:
    report, before = denied(*(finding("x" * 200, HELD) for _ in range(600)))

    assert "rules_more" in before.data
    assert denies_as(before, report, "p1")


def test_a_denial_after_another_decision_is_another_record() -> None:
    _, first = denied(finding("0 of 2", HELD))
    _, again = denied(finding("0 of 2", HELD), after=policy_decided())

    assert first.id != again.id
