"""Signing: a person's own key over the document that names the plan, kept in the audit log."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import JsonValue

from config.schema import Signer
from tasks.crash_points import CrashPoint, reached
from tasks.domain.canonical import canonical_json
from tasks.domain.records import Recorder
from tasks.domain.sign_off import Bench, Judgement, Taken, document_for, why_not_sign
from tasks.domain.sign_off_records import Given, given_event, given_of
from tasks.domain.signing_desk import (
    NEEDED,
    SignOffRefused,
    WaitingPlan,
    Wish,
    given_in,
    plan_named,
    plan_row,
    signer_with,
    waiting_plans,
)
from tasks.ports import SigningDesk, SigningKey
from tasks.signing import judged

Document = dict[str, JsonValue]


def list_waiting(desk: SigningDesk) -> Document:
    """What waits for whom, since when, until when."""
    return {"waiting": [plan_row(each, _judged(each, each.given, desk)) for each in _waiting(desk)]}


def sign_plan(wish: Wish, desk: SigningDesk) -> Document:
    """Signs and records it, unless the person's signature is there and still counts. Raises SignOffRefused."""
    waiting = plan_named(wish.plan, _waiting(desk))
    before = _judged(waiting, waiting.given, desk)
    key, signer = _signer(wish, waiting, desk)
    if any((each.given.role, each.given.principal) == (wish.role, signer.principal) for each in before.accepted):
        return _answer(waiting, wish.role, signer.principal, recorded=False, desk=desk)
    document, signature = _signed(wish, waiting, key, signer, desk)
    return _record(waiting, document, signature, desk)


def sign_for_form(wish: Wish, desk: SigningDesk) -> Document:
    """Signs and records nothing: what somebody else, or a form, then hands to `record_signature`."""
    waiting = plan_named(wish.plan, _waiting(desk))
    key, signer = _signer(wish, waiting, desk)
    document, signature = _signed(wish, waiting, key, signer, desk)
    return {"document": document, "signature": signature}


def record_signature(text: str, desk: SigningDesk) -> Document:
    """`text` is what `sign_for_form` gave, as JSON. Raises SignOffRefused for whatever does not count."""
    document, signature = given_in(text)
    return _record(plan_named(str(document.get("plan")), _waiting(desk)), document, signature, desk)


def _waiting(desk: SigningDesk) -> tuple[WaitingPlan, ...]:
    return waiting_plans(desk.log.events(types=NEEDED), desk.configuration)


def _signer(wish: Wish, waiting: WaitingPlan, desk: SigningDesk) -> tuple[SigningKey, Signer]:
    """The first key of the person's that is one of a signer, and that signer; raises SignOffRefused."""
    found: list[tuple[SigningKey, Signer]] = []
    for key in desk.keyring.keys(None if wish.key is None else Path(wish.key)):
        signer = signer_with(key.public, wish.person, wish.role, desk.configuration)
        if signer is not None:
            found.append((key, signer))
    fitting = [each for each in found if wish.role in each[1].roles] or found
    if not fitting:
        raise SignOffRefused(
            "none of your keys is one of a signer",
            remedy="Name yours with --key FILE; its public half stands in allowed_signers, and you in signers.yml.",
        )
    key, signer = fitting[0]
    if (because := why_not_sign(signer, wish.role, _bench(waiting, desk))) is not None:
        raise _refused(because, wish.role, signer.principal)
    return key, signer


def _signed(
    wish: Wish, waiting: WaitingPlan, key: SigningKey, signer: Signer, desk: SigningDesk
) -> tuple[Document, str]:
    taken = Taken(desk.clock.now(), desk.log.size())
    organization = waiting.rules.organization
    document = document_for(waiting.asked, waiting.about, organization, signer, wish.role, taken)
    return document, desk.keyring.sign(canonical_json(document), key)


def _record(waiting: WaitingPlan, document: Document, signature: str, desk: SigningDesk) -> Document:
    """Judged as it will be before the landing, beside those that are there; what would not count is not recorded."""
    given = given_of(waiting.asked.plan, document, signature, desk.clock.now())
    judgement = _judged(waiting, [*waiting.given, given], desk)
    against = next((because for each, because in judgement.refused if each is given), None)
    if against is not None:
        raise _refused(against, given.role, given.principal)
    recorder = Recorder(waiting.rules.organization, waiting.team, waiting.about)
    recorded = bool(desk.log.append([given_event(recorder, given)]))
    reached(CrashPoint.AFTER_SIGN_OFF_GIVEN)
    return _answer(waiting, given.role, given.principal, recorded=recorded, desk=desk)


def _answer(waiting: WaitingPlan, role: str, person: str, *, recorded: bool, desk: SigningDesk) -> Document:
    now = next((each for each in _waiting(desk) if each.asked.plan == waiting.asked.plan), waiting)
    row = plan_row(now, _judged(now, now.given, desk))
    return {"role": role, "person": person, "recorded": recorded, **row}


def _judged(waiting: WaitingPlan, given: Sequence[Given], desk: SigningDesk) -> Judgement:
    return judged(given, _bench(waiting, desk), desk.signatures)


def _bench(waiting: WaitingPlan, desk: SigningDesk) -> Bench:
    """Without the code host: what was asked for and who wrote it are as they were recorded."""
    asked = waiting.asked
    return Bench(asked, waiting.about, asked.roles, asked.contributors, waiting.rules, desk.clock.now())


def _refused(because: str, role: str, person: str) -> SignOffRefused:
    remedy = "Have somebody else sign who has the role and wrote no part of it; `merge-hub sign-off list` names them."
    return SignOffRefused(f"{person} cannot sign as {role}: {because}", remedy=remedy)
