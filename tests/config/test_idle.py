"""What a clock says about waivers and about those who are to sign."""

import base64
from datetime import UTC, datetime

import pytest

from config.check import check
from tests.config.conftest import Write
from tests.config.test_check import GATES, TEAM, TOKEN, warnings

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = base64.b64encode(b"\0\0\0\x0bssh-ed25519" + b"\0\0\0\x20" + bytes(32)).decode()
DEMAND = "sign_off:\n  - role: security-lead\n"
ROLE = "global.yml:3 sign_off[0].role: asks for the signature of a security-lead, and nobody can sign now (erin)"


@pytest.mark.parametrize(
    ("person", "option", "told"),
    [
        ("", "", []),
        (", until: 2026-11-23T13:00:00Z", 'valid-before="20261123130000Z" ', []),
        (", until: 2026-11-23T12:00:00Z", "", [f"{ROLE}: nothing can land"]),
        (", from: 2026-11-24T00:00:00Z", "", [f"{ROLE}: nothing can land"]),
        ("", 'valid-before="20261123Z" ', [f"{ROLE}: nothing can land"]),
        ("", 'valid-before="20261001" ', [f"{ROLE}: nothing can land"]),
    ],
)
def test_a_signature_that_nobody_can_give_at_the_time_is_told(
    person: str, option: str, told: list[str], write: Write
) -> None:
    files = {
        "global.yml": f"organization: {{name: AcmeCorp}}\n{DEMAND}",
        "teams/team-a.yml": TEAM + GATES,
        "signers.yml": f"people:\n  - {{login: erin, principal: erin, roles: [security-lead]{person}}}\n",
        "allowed_signers": f"erin {option}ssh-ed25519 {KEY}\n",
    }

    assert warnings(check(write(files), TOKEN, NOON)) == told


@pytest.mark.parametrize(
    ("approved_on", "expires", "told"),
    [
        ("2026-11-23", "2026-11-23", []),
        ("2026-11-24", "2026-11-25", ["approved_on: is still to come: W-1 waives nothing until then"]),
        ("2026-11-20", "2026-11-22", ["expires: is over: W-1 waives nothing any more"]),
    ],
)
def test_a_waiver_that_does_not_hold_at_the_time_is_told(
    approved_on: str, expires: str, told: list[str], write: Write
) -> None:
    rule = "  - {id: QUA-001, title: Gates, check: gates, with: {passed: required}, severity: low, waivable: true}\n"
    policy = "apiVersion: merge-hub/v1\nkind: Policy\nmetadata: {name: quality, owner: platform}\nrules:\n"
    waiver = f"""\
waivers:
  - id: W-1
    rule: QUA-001
    scope: {{repo: acme/a, pr: 1}}
    reason: because
    requested_by: alice
    approved_by: bob
    approved_on: {approved_on}
    expires: {expires}
    ticket: SEC-1
"""
    files = {
        "teams/team-a.yml": TEAM + GATES,
        "policies/quality.yml": policy + rule,
        "policies/waivers.yml": waiver,
        "access.yml": "teams: {team-a: {approvers: [carol, dave]}}\nwaiver_approvers: [bob]\n",
    }
    found = [warning.partition("waivers[0].")[2] for warning in warnings(check(write(files), TOKEN, NOON))]

    assert found == told


def test_a_team_that_asks_for_no_approval_is_told(write: Write) -> None:
    scope = "scope: {filters: {required_approvals: 0}}\n"

    (told,) = warnings(check(write({"teams/team-a.yml": TEAM + GATES + scope}), TOKEN))

    assert told.startswith("teams/team-a.yml:3 scope.filters.required_approvals: asks for nobody's approval: unless")
