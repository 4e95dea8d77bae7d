"""Signing reports: a person's own key over the document that names the report, kept in the audit log."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import JsonValue

from config.schema import Configuration, Signer
from tasks.domain.audit import EventType
from tasks.domain.canonical import canonical_json
from tasks.domain.compliance_report import signing
from tasks.domain.compliance_report.announcement import Recorded, recorded_reports
from tasks.domain.compliance_report.signing import ReportSignature, Verdict
from tasks.domain.records import Recorder
from tasks.domain.signing_desk import SignOffRefused, Wish, signer_with
from tasks.ports import AuditLog, Signatures, SigningDesk, SigningKey

Document = dict[str, JsonValue]


def list_reports(desk: SigningDesk) -> Document:
    """Every report that was made, the latest last, with who signed it and who is missing."""
    return {"reports": [_row(each, desk) for each in _recorded(desk)]}


def sign_report(wish: Wish, desk: SigningDesk) -> Document:
    """`wish.plan` names the report. Raises UnknownPlan or SignOffRefused; signing twice is signing once."""
    report = signing.report_named(wish.plan, _recorded(desk))
    verdict = verdict_on(report, desk.configuration, desk.log, desk.signatures)
    key, signer = _signer(wish, verdict, desk)
    if (before := verdict.by.get(wish.role)) is not None:
        if before.principal != signer.principal:
            raise _refused(f"{before.principal} has signed in that role", wish.role, signer.principal)
        return {"recorded": False, "role": wish.role, "person": signer.principal, **_row(report, desk)}
    at = desk.clock.now()
    document = signing.sign_off_document(report, signer, wish.role, at)
    signature = desk.keyring.sign(canonical_json(document), key)
    given = ReportSignature(wish.role, signer.login, signer.principal, document, signature, at)
    judged = signing.judged(report, [*verdict.by.values(), given], desk.configuration, desk.signatures.refusal)
    if judged.by.get(wish.role) is not given:
        raise _refused(next(because for each, because in judged.refused if each is given), wish.role, signer.principal)
    recorder = Recorder(desk.configuration.organization.name, None, None)
    recorded = bool(desk.log.append([signing.signed_event(recorder, report, given)]))
    return {"recorded": recorded, "role": wish.role, "person": signer.principal, **_row(report, desk)}


def verdict_on(report: Recorded, configuration: Configuration, log: AuditLog, signatures: Signatures) -> Verdict:
    given = signing.signatures_of(report, log.events(types={EventType.REPORT_SIGNED}))
    return signing.judged(report, given, configuration, signatures.refusal)


def _recorded(desk: SigningDesk) -> Sequence[Recorded]:
    return recorded_reports(desk.log.events(types={EventType.REPORT_GENERATED}))


def _row(report: Recorded, desk: SigningDesk) -> Document:
    verdict = verdict_on(report, desk.configuration, desk.log, desk.signatures)
    return signing.row(report, verdict, desk.configuration)


def _signer(wish: Wish, verdict: Verdict, desk: SigningDesk) -> tuple[SigningKey, Signer]:
    found = [
        (key, signer)
        for key in desk.keyring.keys(None if wish.key is None else Path(wish.key))
        if (signer := signer_with(key.public, wish.person, wish.role, desk.configuration)) is not None
    ]
    fitting = [each for each in found if wish.role in each[1].roles] or found
    if not fitting:
        raise SignOffRefused(
            "none of your keys is one of a signer",
            remedy="Name yours with --key FILE; its public half stands in allowed_signers, and you in signers.yml.",
        )
    key, signer = fitting[0]
    if (because := signing.why_not_sign(signer, wish.role, desk.clock.now(), verdict)) is not None:
        raise _refused(because, wish.role, signer.principal)
    return key, signer


def _refused(because: str, role: str, person: str) -> SignOffRefused:
    remedy = "Have somebody else sign who has the role; `merge-hub report list` names them."
    return SignOffRefused(f"{person} cannot sign as {role}: {because}", remedy=remedy)
