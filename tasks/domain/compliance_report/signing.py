"""
Who has signed a report, and who is missing.

A signature is over a document that names the report by its digest, and the size and the root of the log that it was
made from: it covers all of both. It says that the person had read it then, so that it is judged by the time at which
the log took it and does not grow old. One person signs one report in one role.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from config.schema import MISSION_ROLES, Configuration, Signer
from tasks.domain.audit import Event, EventType
from tasks.domain.canonical import canonical_json
from tasks.domain.compliance_report.announcement import Recorded
from tasks.domain.compliance_report.record import text
from tasks.domain.compliance_report.words import ROLES
from tasks.domain.reasons import told_moment
from tasks.domain.records import Recorder
from tasks.domain.signing_desk import LEAST_PREFIX, UnknownPlan

SCHEMA = "merge-hub-report-sign-off/1"
Refusal = Callable[[bytes, str, str, datetime], str | None]
"""What OpenSSH has against a signature, as `Signatures.refusal` tells it."""


@dataclass(frozen=True, slots=True)
class ReportSignature:
    """As it is recorded; nothing is proven of it. `at` is when the log took it."""

    role: str
    login: str
    principal: str
    document: Mapping[str, JsonValue]
    signature: str
    at: datetime

    @property
    def signed(self) -> bytes:
        return canonical_json(dict(self.document))


@dataclass(frozen=True, slots=True)
class Verdict:
    """`by` holds the signature that counts in each role; `refused` are the others, each with the reason."""

    by: Mapping[str, ReportSignature]
    refused: tuple[tuple[ReportSignature, str], ...]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(role for role in ROLES if role not in self.by)


def report_named(wanted: str, reports: Sequence[Recorded]) -> Recorded:
    """By its digest or the beginning of one, or the latest of a period that is named whole; raises UnknownPlan."""
    of_period = [each for each in reports if each.period == wanted]
    if of_period:
        return of_period[-1]
    prefix = wanted.strip().lower().removeprefix("sha256:")
    found = {each.digest: each for each in reports if each.digest.removeprefix("sha256:").startswith(prefix)}
    if len(prefix) >= LEAST_PREFIX and len(found) == 1:
        return next(iter(found.values()))
    because = "may mean more than one report" if found else "is no report that was made"
    raise UnknownPlan(f"{wanted[:80]!r} {because}", "`merge-hub report list` shows them, with their digests.")


def sign_off_document(report: Recorded, signer: Signer, role: str, at: datetime) -> dict[str, JsonValue]:
    """What a person signs."""
    return {
        "schema": SCHEMA,
        **_about(report),
        "role": role,
        "person": signer.principal,
        "login": signer.login,
        "signed_at": told_moment(at.replace(microsecond=0)),
    }


def signed_event(recorder: Recorder, report: Recorded, given: ReportSignature) -> Event:
    """The same person in the same role is the same fact."""
    subject: dict[str, JsonValue] = {"report": report.digest, "role": given.role}
    data: dict[str, JsonValue] = {
        "by": given.login,
        "principal": given.principal,
        "document": dict(given.document),
        "signature": given.signature,
    }
    return recorder.event(EventType.REPORT_SIGNED, subject, data, {"by": given.login})


def signatures_of(report: Recorded, events: Iterable[Event]) -> tuple[ReportSignature, ...]:
    """In the order of the log."""
    own = (each for each in events if each.type is EventType.REPORT_SIGNED and each.subject["report"] == report.digest)
    return tuple(
        ReportSignature(
            role=text(each.subject.get("role")),
            login=text(each.data.get("by")),
            principal=text(each.data.get("principal")),
            document=each.data["document"] if isinstance(each.data["document"], dict) else {},
            signature=text(each.data.get("signature")),
            at=datetime.fromisoformat(each.time),
        )
        for each in own
    )


def judged(
    report: Recorded, given: Iterable[ReportSignature], configuration: Configuration, refusal: Refusal
) -> Verdict:
    """In the order of the log, so that of two roles of one person the first one counts."""
    by: dict[str, ReportSignature] = {}
    refused: list[tuple[ReportSignature, str]] = []
    for each in given:
        because = _against(report, each, by, configuration)
        because = because or refusal(each.signed, each.signature, each.principal, each.at)
        if because is None:
            by[each.role] = each
        else:
            refused.append((each, because))
    return Verdict(by, tuple(refused))


def why_not_sign(signer: Signer, role: str, at: datetime, verdict: Verdict) -> str | None:
    """A clause, before anybody is asked for a passphrase."""
    if role not in ROLES:
        return f"a report is signed by {', '.join(ROLES)}"
    if role not in signer.roles:
        return f"they have not that role, but {', '.join(signer.roles)}"
    if not signer.holds(at):
        return "they are not in office now"
    other = next((each for each in verdict.by.values() if each.login.casefold() == signer.login.casefold()), None)
    if other is not None and other.role != role:
        return f"they signed this report as {other.role} already"
    return None


def row(report: Recorded, verdict: Verdict, configuration: Configuration) -> dict[str, JsonValue]:
    """As `merge-hub report list --json` shows it."""
    return {
        "report": report.digest,
        "period": report.period,
        "team": report.team,
        "message": report.message,
        "log": {"size": report.size, "root": report.root},
        "folder": report.folder,
        "signatures": [_role_row(role, verdict, configuration) for role in ROLES],
        "missing": list(verdict.missing),
    }


def people(configuration: Configuration) -> tuple[Signer, ...]:
    return configuration.signers.people if configuration.signers else ()


def _role_row(role: str, verdict: Verdict, configuration: Configuration) -> dict[str, JsonValue]:
    roles = configuration.signers.roles if configuration.signers else MISSION_ROLES
    given = verdict.by.get(role)
    refused: list[JsonValue] = [
        {"person": each.principal, "because": because} for each, because in verdict.refused if each.role == role
    ]
    return {
        "role": role,
        "title": roles[role].title if role in roles else MISSION_ROLES[role].title,
        "signed_by": None if given is None else given.principal,
        "at": None if given is None else told_moment(given.at),
        "who": [each.login for each in people(configuration) if role in each.roles],
        "refused": refused,
    }


def _about(report: Recorded) -> dict[str, JsonValue]:
    return {
        "report": report.digest,
        "organization": report.event.organization,
        "period": report.period,
        "team": report.team,
        "log": {"size": report.size, "root": report.root},
    }


def _against(
    report: Recorded, given: ReportSignature, by: Mapping[str, ReportSignature], configuration: Configuration
) -> str | None:
    said = {**_about(report), "schema": SCHEMA, "role": given.role, "person": given.principal, "login": given.login}
    if {name: given.document.get(name) for name in said} != said:
        return "the document that was signed is not about this report, role and person"
    signer = next((each for each in people(configuration) if each.principal == given.principal), None)
    if signer is None or signer.login.casefold() != given.login.casefold():
        return f"{given.principal} is no signer"
    if given.role in by:
        return f"{by[given.role].principal} signed in that role first"
    return why_not_sign(signer, given.role, given.at, Verdict(by, ()))
