"""Every sentence that merge-hub says to a channel. Words only; who is told what is decided in `notification`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tasks.domain.advice import advice_on
from tasks.domain.anomalies import ALERT as ANOMALY
from tasks.domain.anomalies import RULES
from tasks.domain.audit import Event, EventType
from tasks.domain.document import Document, Item, Section
from tasks.domain.escaping import shortened
from tasks.domain.reasons import Outcome
from tasks.domain.standing import Standing, Told, by_repository, only

MAXIMUM_TITLE = 100
MAXIMUM_LOGIN = 40

_EXPLAIN = "Why, in full: merge-hub plan"
_ORDER = (Outcome.MERGED, Outcome.HELD, Outcome.REFUSED, Outcome.FAILED)


@dataclass(frozen=True, slots=True)
class Scene:
    """Who speaks, and where the evidence is of what is told."""

    organization: str
    evidence: str


def merged_document(standings: Sequence[Standing]) -> Document:
    merged = only(Outcome.MERGED, standings)
    sections = [
        Section(repository, tuple(Item(_named(each)) for each in among))
        for repository, among in by_repository(merged).items()
    ]
    return Document(f"{_counted(len(merged), 'pull request')} merged", tuple(sections))


def failure_document(standings: Sequence[Standing]) -> Document:
    stopped = [each for each in standings if each.outcome in {Outcome.REFUSED, Outcome.FAILED}]
    sections = [
        Section(repository, tuple(_explained(each, f"{_named(each)}: {each.outcome.value}") for each in among))
        for repository, among in by_repository(stopped).items()
    ]
    counts = _counts(stopped, (Outcome.REFUSED, Outcome.FAILED))
    return Document(f"{_counted(len(stopped), 'pull request')} did not land: {counts}", tuple(sections), (_EXPLAIN,))


def audit_document(events: Sequence[Event], standings: Sequence[Standing], scene: Scene) -> Document:
    """`events` are facts, at least one."""
    recorded = Item(f"Events {events[0].seq} to {events[-1].seq} of the audit log: {_tallied(events)}")
    reports = tuple(
        Item(f"{scene.evidence}/{event.data['key']}") for event in events if event.type is EventType.REPORT_GENERATED
    )
    sections = [Section("Recorded", (recorded, Item(f"Evidence in {scene.evidence}")))]
    if reports:
        sections.append(Section("Audit reports", reports))
    return Document(f"{scene.organization}: {_counts(standings, _ORDER) or 'nothing decided'}", tuple(sections))


def mail_document(standings: Sequence[Standing], scene: Scene) -> Document:
    headings = {
        Outcome.MERGED: "Merged",
        Outcome.REFUSED: "Refused: the pull request is at fault",
        Outcome.FAILED: "Failed: the world is at fault",
        Outcome.HELD: "Newly held: waits for a person or a time",
    }
    sections = [
        Section(heading, tuple(_explained(each, f"{each.repository} {_named(each)}") for each in among))
        for outcome, heading in headings.items()
        if (among := only(outcome, standings))
    ]
    footer = (_EXPLAIN, f"Evidence: {scene.evidence}")
    return Document(f"{scene.organization}: {_counts(standings, _ORDER)}", tuple(sections), footer)


def incident_document(alert: Event) -> Document:
    """One alert, with what happened, who can act and what to do next."""
    data = alert.data
    repository = alert.repository.name if alert.repository is not None else alert.organization
    what, who, step = words_of(alert)
    happened = [Item(str(data["message"])), Item(f"Severity {data['severity']}, team {alert.team or 'unknown'}")]
    steps = [Item(str(data.get("remedy") or step)), Item(f"Who can act: {who}")]
    commands = data.get("commands")
    typed = tuple(Item(str(each)) for each in commands) if isinstance(commands, list) else ()
    sections = [Section("What happened", tuple(happened)), Section("What to do next", tuple(steps))]
    sections += [Section("By hand", typed)] if typed else []
    return Document(
        f"Incident: {repository}: {what}", tuple(sections), (f"Event {alert.seq} of the audit log, {alert.time}",)
    )


def words_of(alert: Event) -> tuple[str, str, str]:
    """What it is, who can act and what to do next."""
    kind, rule = str(alert.data["alert"]), RULES.get(str(alert.data.get("rule")))
    if kind == ANOMALY and rule is not None:
        return f"{rule.title} ({rule.id})", rule.who, rule.step
    return _INCIDENTS.get(kind, (kind, _ON_CALL, "Read the log of the run, and what the message says"))


def signature_document(event: Event) -> Document:
    """That people are to sign a plan, or that what they signed is void."""
    repository = event.repository.name if event.repository is not None else event.organization
    plan, data = str(event.subject["plan"]), event.data
    footer = (f"Event {event.seq} of the audit log, {event.time}",)
    if event.type is EventType.SIGNATURE_VOIDED:
        items = (Item(f"Plan {plan}"), Item(f"Because: {data['because']}"))
        return Document(f"{repository}: a plan and its signatures are void", (Section("What happened", items),), footer)
    members = data["members"]
    numbers = [f"#{each['number']}" for each in members if isinstance(each, dict)] if isinstance(members, list) else []
    roles = data["roles"]
    typed = [f"merge-hub sign-off {plan} --role {role}" for role in roles] if isinstance(roles, list) else []
    sections = (
        Section("What waits", (Item(str(data["message"])), Item(f"Pull requests: {' '.join(numbers)}"))),
        Section("By hand", tuple(map(Item, typed))),
    )
    return Document(f"{repository}: a plan waits for your signatures", sections, footer)


_ON_CALL = "whoever is on call for merge-hub"
_INCIDENTS = {
    "base-red": (
        "the target branch is red",
        "whoever may push to the branch",
        "Mend the branch, or roll back what broke it; until then every pull request is held and nobody is refused",
    ),
    "bypass": (
        "something reached the target branch around the hub",
        "a second person, who did not push it",
        "Look at it; then say why with `merge-hub bypass justify`, or take it back. `merge-hub bypass list` shows all",
    ),
    "log-rewritten": (
        "the audit log is not what was signed",
        _ON_CALL,
        "Stop landing, and find out who changed the log or the store",
    ),
    "log-not-sealed": ("the audit log is not sealed", _ON_CALL, "Mend what the message names; the next run seals it"),
    "log-not-anchored": (
        "nobody outside has seen the audit log",
        _ON_CALL,
        "Mend what the message names; until then whoever holds the keys could rewrite what came since",
    ),
    "storage-posture": (
        "the evidence store does not keep what it must",
        "whoever administers the store",
        "Find out who changed it, and keep it as it is",
    ),
    "landed-tree-differs": (
        "what landed is not what was gated",
        _ON_CALL,
        "Compare the two trees, find out who else writes to the branch, and roll the landing back if it is not wanted",
    ),
    "post-landing-failed": (
        "what landed fails on the target branch",
        "whoever may push to the branch",
        "Read the gate's log and mend the branch, or take the landing back",
    ),
    "post-landing-errored": (
        "nobody knows how well what landed does",
        _ON_CALL,
        "Read the gate's log and mend where gates run; it is asked again until something else lands",
    ),
    "post-landing-unreliable": (
        "a gate does not say the same twice of what landed",
        "the team's lead",
        "Mend the gate: until then nobody can rely on what it says; nothing was taken back for it",
    ),
    "rollback-failed": ("a landing could not be taken back", "whoever may push to the branch", "Take it back by hand"),
    "repository-renamed": (
        "the configuration calls it by an old name",
        "whoever keeps the team file",
        "Write the new name in the team file; until then the old name is followed",
    ),
    "repository-replaced": (
        "its name leads to another repository than before",
        "whoever keeps the team file",
        "If that is not what was meant, take the name out of the team file",
    ),
    "change-set-broken": (
        "a change set landed in part",
        "the authors of its members",
        "Land the rest of it, or take back what has landed",
    ),
    "repository-failed": ("the run failed there", _ON_CALL, "Read the log of the run; a rerun is safe"),
}


def _named(standing: Standing) -> str:
    author = shortened(standing.author or "a deleted account", MAXIMUM_LOGIN)
    return f"#{standing.number} {shortened(standing.title, MAXIMUM_TITLE)} (by {author})"


def _explained(standing: Standing, text: str) -> Item:
    return Item(text, tuple(_told(reason) for reason in standing.reasons), standing.unlisted)


def _told(reason: Told) -> str:
    advice = advice_on(reason.code)
    return f"{reason.message}. Who can act: {reason.actor or advice.who}. Next: {advice.step}."


def _counts(standings: Sequence[Standing], outcomes: Iterable[Outcome]) -> str:
    counted = [(len(only(outcome, standings)), outcome.value) for outcome in outcomes]
    return ", ".join(f"{count} {outcome}" for count, outcome in counted if count)


def _tallied(events: Sequence[Event]) -> str:
    words = {
        EventType.GATE_FINISHED: "gate result",
        EventType.POLICY_DECIDED: "policy decision",
        EventType.WAIVER_USED: "waived finding",
        EventType.EMERGENCY_USED: "emergency decision",
        EventType.MERGE_COMPLETED: "landing",
        EventType.LANDING_TESTED: "post-landing result",
        EventType.ROLLBACK_COMPLETED: "rollback",
        EventType.ALERT_RAISED: "alert",
        EventType.SIGNATURE_GIVEN: "signature",
        EventType.KEY_ROTATED: "replaced key",
    }
    counts = [(sum(event.type is kind for event in events), noun) for kind, noun in words.items()]
    return ", ".join(_counted(count, noun) for count, noun in counts if count) or "nothing but outcomes"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
