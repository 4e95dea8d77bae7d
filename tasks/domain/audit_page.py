"""The words of an audit report, in Markdown. What people wrote is escaped; only what the log holds is said."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tasks.domain.audit import Event, EventType
from tasks.domain.audit_signatures import signature_lines
from tasks.domain.audit_waivers import waiver_lines
from tasks.domain.dossier import Dossier, dicts
from tasks.domain.escaping import for_markdown
from tasks.domain.model import RepositoryName
from tasks.domain.reasons import Outcome

_SECURITY = re.compile(
    r"(?i)(?<![a-z])(?:security|secrets?|vulnerabilit(?:y|ies)|audit|licen[sc]es?|[sd]ast|scan|cve|sbom)(?![a-z])"
)


@dataclass(frozen=True, slots=True)
class Page:
    """`events` are the facts that the report covers, at least one; `grounds` are by digest."""

    organization: str
    team: str
    repository: RepositoryName
    evidence: str
    security_gates: frozenset[str]
    events: tuple[Event, ...]
    dossiers: tuple[Dossier, ...]
    grounds: Mapping[str, Mapping[str, object]]


def write_page(page: Page) -> str:
    sections = [
        ("Summary", _summary(page)),
        ("Approvals", _approvals(page)),
        ("Security Checks", _security(page)),
        ("Compliance Validation", _compliance(page)),
        ("Audit Trail", _trail(page)),
        ("Approver Signatures", tuple(signature_lines(page.events))),
    ]
    lines = ["# Audit Report", "", *_head(page)]
    for heading, content in sections:
        lines += ["", f"## {heading}", "", *content]
    return "\n".join(lines) + "\n"


def _head(page: Page) -> Iterator[str]:
    yield f"- **Date:** {page.events[-1].time} (of the newest event covered)"
    yield f"- **Organization:** {for_markdown(page.organization)}"
    yield f"- **Team:** {for_markdown(page.team)}"
    yield f"- **Repository:** {for_markdown(page.repository)}"


def _summary(page: Page) -> Iterator[str]:
    counts = [(sum(each.standing.outcome is outcome for each in page.dossiers), outcome) for outcome in Outcome]
    yield f"{', '.join(f'{count} {outcome.value}' for count, outcome in counts)}."
    yield ""
    if page.dossiers:
        yield from _table(("Pull request", "Head", "Outcome", "Gates"), [_summary_row(each) for each in page.dossiers])
    for each in page.dossiers:
        if each.standing.reasons:
            yield from ("", f"{_named(each)}, {each.standing.outcome.value}:", "")
            yield from (f"- {for_markdown(told.message)} (`{told.code}`)" for told in each.standing.reasons)
            yield from _unlisted("- ", each.standing.unlisted)
    yield from waiver_lines(page.events)
    yield from _alerts(page.events)


def _summary_row(dossier: Dossier) -> tuple[str, ...]:
    gates = ", ".join(f"{for_markdown(str(gate.subject['gate']))} {gate.data['verdict']}" for gate in dossier.gates)
    standing = dossier.standing
    return (_named(dossier), _code(standing.head[:12]), standing.outcome.value, gates or "none on record for this head")


def _alerts(events: Iterable[Event]) -> Iterator[str]:
    for event in events:
        if event.type is EventType.ALERT_RAISED:
            severity, kind = event.data["severity"], event.data["alert"]
            yield ""
            yield f"**Alert** ({severity}, `{kind}`, event {event.seq}): {for_markdown(str(event.data['message']))}"


def _approvals(page: Page) -> Iterator[str]:
    announced = [each for each in page.dossiers if each.grounds is not None]
    for each in announced:
        grounds = page.grounds[str(each.grounds)]
        approvers = ", ".join(for_markdown(str(one["reviewer"])) for one in _mappings(grounds["approvals"]))
        contributors = ", ".join(for_markdown(str(one)) for one in _values(grounds["contributors"]))
        yield f"- {_named(each)}: approved by {approvers or 'nobody'}; written by {contributors or 'nobody known'}"
    others = len(page.dossiers) - len(announced)
    if others:
        yield f"- {others} not announced for landing, so no approvals were grounds of anything."
    if not page.dossiers:
        yield "No pull request was decided on."


def _security(page: Page) -> Iterator[str]:
    ran = {event.id: event for event in page.events if event.type is EventType.GATE_FINISHED}
    relied_on = {gate.id: gate for each in page.dossiers for gate in each.gates}
    gates = sorted({**ran, **relied_on}.values(), key=lambda gate: gate.seq)
    rows = [_gate_row(gate) for gate in gates if _concerns_security(str(gate.subject["gate"]), page.security_gates)]
    yield "Verdicts of gates whose name or policy concerns security; their output is evidence under its digest."
    yield ""
    if rows:
        yield from _table(("Gate", "Pull requests", "Tree", "Verdict", "Exit status", "Log"), rows)
    else:
        yield "**None ran.**"


def _gate_row(gate: Event) -> tuple[str, ...]:
    members = _members(gate.data["pull_requests"]) or "the target branch alone"
    status, log = gate.data["exit_code"], gate.data["log"]
    return (
        for_markdown(str(gate.subject["gate"])),
        members,
        _code(str(gate.subject["tree"])[:12]),
        str(gate.data["verdict"]),
        "none" if status is None else str(status),
        "none" if log is None else _code(str(log)),
    )


def _concerns_security(gate: str, named: frozenset[str]) -> bool:
    return gate in named or _SECURITY.search(gate) is not None


def _compliance(page: Page) -> Iterator[str]:
    for each in page.dossiers:
        if each.decision is None:
            why = "; ".join(f"{for_markdown(told.message)}" for told in each.standing.reasons)
            yield f"- {_named(each)}: not judged at this head. {why}"
            continue
        data = each.decision.data
        yield f"- {_named(each)}: {data['decision']}, by policies {_code(str(data['policy']))}"
        yield from (f"  - {_rule(rule)}" for rule in dicts(data["rules"]))
        yield from _unlisted("  - ", data.get("rules_more"))
    if not page.dossiers:
        yield "No pull request was decided on."


def _unlisted(bullet: str, count: object) -> Iterator[str]:
    if count:
        yield f"{bullet}and {count} more, for which the record had no room"


def _rule(rule: Mapping[str, object]) -> str:
    open_ = "cannot be evaluated" if rule["result"] == "error" else "not satisfied"
    closed = {"pass": "satisfied", "not_applicable": "not applicable", "waived": f"**waived** ({rule.get('waiver')})"}
    verdict = closed.get(str(rule["result"])) or f"**{open_}** (enforcement: {rule['enforcement']})"
    controls = ", ".join(for_markdown(str(control)) for control in _values(rule["controls"])) or "no control"
    return f"{rule['id']} {verdict}: {for_markdown(str(rule['because']))} — {controls}"


def _trail(page: Page) -> Iterator[str]:
    first, last = page.events[0].seq, page.events[-1].seq
    yield f"- Evidence store: {_code(page.evidence)}"
    yield f"- Events {first} to {last} of the audit log, {len(page.events)} of them about this repository"
    yield f"- Size of the log when the last of them was recorded: {last}"
    landings = [_landing_row(each, each.landing) for each in page.dossiers if each.landing is not None]
    if landings:
        yield ""
        yield from _table(("Pull request", "Landed as", "Tree", "Is the gated tree", "Grounds"), landings)
    tested = [_tested_row(event) for event in page.events if event.type is EventType.LANDING_TESTED]
    if tested:
        yield ""
        yield from _table(("Gate after landing", "Pull requests", "Landed as", "Verdict", "Asked", "Log"), tested)
    taken_back = [_taken_back_row(event) for event in page.events if event.type in _OF_ROLLBACKS]
    if taken_back:
        yield ""
        yield from _table(("Rollback", "Pull requests", "Landed as", "Why", "Taken back by"), taken_back)


_OF_ROLLBACKS = {
    EventType.ROLLBACK_INTENT: "announced",
    EventType.ROLLBACK_COMPLETED: "completed",
    EventType.ROLLBACK_FAILED: "**failed**",
}


def _tested_row(event: Event) -> tuple[str, ...]:
    data, log = event.data, event.data["log"]
    return (
        for_markdown(str(event.subject["gate"])),
        _members(data["pull_requests"]),
        _code(str(event.subject["commit"])[:12]),
        str(data["verdict"]),
        f"{len(_values(data['before'])) + 1} times" if data["before"] else "once",
        "none" if log is None else _code(str(log)),
    )


def _taken_back_row(event: Event) -> tuple[str, ...]:
    subject, data = event.subject, event.data
    revert = subject.get("revert") or data.get("revert")
    return (
        _OF_ROLLBACKS[event.type],
        _members(subject["pull_requests"]),
        _code(str(subject["commit"])[:12]),
        for_markdown(str(data.get("because") or data["message"])),
        "nothing" if revert is None else _code(str(revert)),
    )


def _members(numbers: object) -> str:
    return " ".join(f"#{number}" for number in _values(numbers))


def _landing_row(dossier: Dossier, landing: Event) -> tuple[str, ...]:
    data = landing.data
    same = "yes" if data["tree"] == data["gated_tree"] else f"**no**, that is {_code(str(data['gated_tree']))}"
    return (
        f"#{dossier.standing.number}",
        _code(str(data["commit"])),
        _code(str(data["tree"])),
        same,
        _code(dossier.grounds or "none"),
    )


def _named(dossier: Dossier) -> str:
    standing = dossier.standing
    author = for_markdown(standing.author) if standing.author is not None else "a deleted account"
    return f"#{standing.number} {for_markdown(standing.title)} (by {author})"


def _code(text: str) -> str:
    return f"`{text.replace('`', '')}`"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _values(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _mappings(value: object) -> list[Mapping[str, object]]:
    return [each for each in _values(value) if isinstance(each, dict)]
