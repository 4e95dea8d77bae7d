"""
The audit report of one repository: what it covers, where it is kept, and the record that it was made.

A report covers every fact since the one before it. It is recorded before it is stored, so that whatever lies in the
store is named by the log; one that was recorded and never stored is made again from the same events.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from config.schema import AfterLanding, Gate, GatesRule, PolicyFile
from tasks.domain.anomalies import ALERT as ANOMALY
from tasks.domain.audit import ABOUT_MESSAGES, Event, EventType
from tasks.domain.audit_page import Page, write_page
from tasks.domain.canonical import digest_of
from tasks.domain.dossier import dossiers
from tasks.domain.model import Digest, RepositoryName
from tasks.domain.records import Recorder

MEDIA_TYPE = "text/markdown; charset=utf-8"

_NO_FACTS = ABOUT_MESSAGES | {EventType.REPORT_GENERATED}


@dataclass(frozen=True, slots=True)
class Window:
    """The sequence numbers of the first and the last fact that a report covers."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose report it is, and where its evidence lies; `security_gates` are those that policies of that name list."""

    organization: str
    team: str
    repository: RepositoryName
    evidence: str
    security_gates: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AuditReport:
    window: Window
    key: str
    content: bytes
    digest: Digest


Grounds = Mapping[str, Mapping[str, object]]
"""What decisions to land rested on, by digest."""


def recorded_report(events: Iterable[Event]) -> Event | None:
    """The last report.generated."""
    found = None
    for event in events:
        found = event if event.type is EventType.REPORT_GENERATED else found
    return found


def window_of(recorded: Event) -> Window:
    return Window(int(str(recorded.data["from_seq"])), int(str(recorded.data["to_seq"])))


def window_after(events: Iterable[Event], last: int) -> Window | None:
    """
    What no report covers yet; None where nothing happened since. A report is no news, nor is a message.

    What rules make of the log after a report is told with what happens next: it is about what was reported already.
    """
    news = [event for event in events if event.seq > last and event.type not in _NO_FACTS]
    return None if all(map(_is_about_the_record, news)) else Window(news[0].seq, news[-1].seq)


def _is_about_the_record(event: Event) -> bool:
    raised = event.type is EventType.ALERT_RAISED and event.data["alert"] == ANOMALY
    return raised or event.type is EventType.ALERT_ACKNOWLEDGED


def grounds_cited(events: Sequence[Event], window: Window) -> tuple[Digest, ...]:
    cited = (each.grounds for each in dossiers(_up_to(events, window), window.first))
    return tuple(Digest(digest) for digest in dict.fromkeys(cited) if digest is not None)


def audit_report(events: Sequence[Event], window: Window, subject: Subject, grounds: Grounds) -> AuditReport:
    """`events` are the repository's, in order; later ones than the window's change nothing."""
    known = _up_to(events, window)
    page = Page(
        organization=subject.organization,
        team=subject.team,
        repository=subject.repository,
        evidence=subject.evidence,
        security_gates=subject.security_gates,
        events=tuple(event for event in known if event.seq >= window.first and event.type not in _NO_FACTS),
        dossiers=dossiers(known, window.first),
        grounds=grounds,
    )
    content = write_page(page).encode()
    return AuditReport(window, _key(subject, window, known[-1].time), content, digest_of(content))


def report_generated(recorder: Recorder, report: AuditReport) -> Event:
    identity: dict[str, JsonValue] = {
        "from_seq": report.window.first,
        "to_seq": report.window.last,
        "digest": report.digest,
    }
    return recorder.event(EventType.REPORT_GENERATED, {"report": "audit"}, {**identity, "key": report.key}, identity)


def gates_for_security(policies: Iterable[PolicyFile], gates: Iterable[AfterLanding | Gate]) -> frozenset[str]:
    """The gates that are marked so, and those that a policy called something with `security` names."""
    marked = frozenset(gate.name for gate in gates if isinstance(gate, Gate) and gate.security)
    rules = (rule for policy in policies if "security" in policy.name for rule in policy.rules)
    named = (rule.parameters.passed for rule in rules if isinstance(rule, GatesRule))
    return marked | frozenset(name for names in named if not isinstance(names, str) for name in names)


def _up_to(events: Sequence[Event], window: Window) -> tuple[Event, ...]:
    return tuple(event for event in events if event.seq <= window.last)


def _key(subject: Subject, window: Window, time: str) -> str:
    date = time[:10].replace("-", "/")
    name = f"{window.first:012d}-{window.last:012d}-audit-report.md"
    return f"reports/{date}/{subject.team}/{subject.repository}/{name}"
