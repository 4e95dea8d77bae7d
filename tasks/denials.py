"""What policies said of the pull requests that were held before anything was gated, with the facts it rests on."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import JsonValue

from tasks.domain.audit import Event, EventType
from tasks.domain.compliance import ComplianceReport, evaluate_before_gates
from tasks.domain.decision_records import denies_as, policy_denied
from tasks.domain.facts import MEDIA_TYPE, facts_of, written
from tasks.domain.journey import Journey
from tasks.domain.model import Digest
from tasks.evidence import store_by_digest
from tasks.ports import Services
from tasks.recording import recorder_for


def record_denials(journey: Journey, services: Services) -> None:
    """What is on record already is not kept again, however the target branch has moved."""
    rules, snapshot = journey.rules, journey.snapshot
    if not rules.audited:
        return
    judged = [
        evaluate_before_gates(pull, rules, snapshot.circumstances)
        for pull in snapshot.pull_requests
        if pull.target == rules.target and not pull.draft and pull.number not in {*journey.landed, *journey.undecided}
    ]
    denied = [report for report in judged if any(finding.blocking for finding in report.findings)]
    latest = _latest_decisions(denied, journey, services)
    policy = rules.policy_digest
    new = [report for report in denied if not denies_as(latest.get(report.pull_request.number), report, policy)]
    if new:
        facts, recorder = _kept(new, journey, services), recorder_for(rules, snapshot)
        after = [latest.get(report.pull_request.number) for report in new]
        services.log.append(
            [policy_denied(recorder, report, policy, facts, last) for report, last in zip(new, after, strict=True)]
        )


def _latest_decisions(
    denied: Sequence[ComplianceReport], journey: Journey, services: Services
) -> dict[JsonValue, Event]:
    """By pull request; none for one of which nothing is on record."""
    missing: set[JsonValue] = {report.pull_request.number for report in denied}
    found: dict[JsonValue, Event] = {}
    if missing:
        types = {EventType.POLICY_DECIDED}
        for event in services.log.events(repository_id=journey.snapshot.repository_id, types=types, newest_first=True):
            number = event.subject["pull_request"]
            if number in missing:
                found[number] = event
                missing.discard(number)
            if not missing:
                break
    return found


def _kept(denied: Sequence[ComplianceReport], journey: Journey, services: Services) -> Digest:
    pulls = [report.pull_request for report in denied]
    known, commits = journey.snapshot.circumstances, {each.sha for pull in pulls for each in pull.commits}
    theirs = replace(
        known,
        contributions={
            pull.number: known.contributions[pull.number] for pull in pulls if pull.number in known.contributions
        },
        signatures={commit: told for commit, told in known.signatures.items() if commit in commits},
    )
    return store_by_digest(written(facts_of(pulls, journey.rules, theirs, None)), services, MEDIA_TYPE)
