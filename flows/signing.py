"""Signing plans, started from the command line or from a form: thin over `tasks/signing_desk.py`."""

from contextlib import AbstractContextManager
from typing import Any

from tasks import report_signing, signing_desk
from tasks.domain.signing_desk import Wish
from tasks.ports import SigningDesk

Json = dict[str, Any]


def awaited() -> Json:
    """Raises ConfigurationError, as all here do."""
    with _desk() as desk:
        return signing_desk.list_waiting(desk)


def sign(wish: Wish) -> Json:
    """Raises UnknownPlan or SignOffRefused."""
    with _desk() as desk:
        return signing_desk.sign_plan(wish, desk)


def signature_for_form(wish: Wish) -> Json:
    """Signs and records nothing."""
    with _desk() as desk:
        return signing_desk.sign_for_form(wish, desk)


def record(text: str) -> Json:
    """What `signature_for_form` gave, by whatever way it came. Raises UnknownPlan or SignOffRefused."""
    with _desk() as desk:
        return signing_desk.record_signature(text, desk)


def reports() -> Json:
    with _desk() as desk:
        return report_signing.list_reports(desk)


def sign_report(wish: Wish) -> Json:
    """Raises UnknownPlan or SignOffRefused."""
    with _desk() as desk:
        return report_signing.sign_report(wish, desk)


def _desk() -> AbstractContextManager[SigningDesk]:
    from flows.wiring.signing import open_signing_desk  # noqa: PLC0415 -- adapters take a second to import

    return open_signing_desk()
