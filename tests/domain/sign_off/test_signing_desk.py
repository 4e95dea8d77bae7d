"""What a person is told who wants to sign."""

from dataclasses import replace

import pytest

from config.schema import AllowedSigners, Configuration, GlobalFile, Organization, TeamFile, TeamIdentity
from config.schema.allowed_signers import AllowedKey
from tasks.domain.model import Digest
from tasks.domain.sign_off import Judgement
from tasks.domain.sign_off_records import asked_event, voided_event
from tasks.domain.signing_desk import (
    SignOffRefused,
    UnknownPlan,
    WaitingPlan,
    given_in,
    plan_named,
    plan_row,
    signer_with,
    waiting_plans,
)
from tests.domain.builders import recorder, taken
from tests.domain.sign_off.signed import ABOUT, SIGNERS, asked, rules

KEYS = AllowedSigners("", (AllowedKey(1, ("dave@example.org", "erin@example.org"), "ssh-ed25519 AAAA"),))
CONFIGURATION = Configuration(
    global_=GlobalFile(organization=Organization(name="AcmeCorp", login="acme")),
    teams=(TeamFile(team=TeamIdentity(name="platform", repos=("web",))),),
    digest="",
    signers=SIGNERS,
    allowed_signers=KEYS,
)


def waiting(digest: str) -> WaitingPlan:
    return WaitingPlan(replace(asked(), plan=Digest(f"sha256:{digest}")), ABOUT, "platform", rules(), ())


PLANS = (waiting("abcd12"), waiting("abcd34"), waiting("ffff00"))


@pytest.mark.parametrize("text", ["ffff", "sha256:ffff00", " FFFF0 "])
def test_a_plan_is_named_by_its_digest_or_the_beginning_of_it(text: str) -> None:
    assert plan_named(text, PLANS) is PLANS[2]


@pytest.mark.parametrize(("text", "said"), [("abcd", "more than one"), ("ff", "more than one"), ("0000", "no plan")])
def test_what_names_no_plan_or_several_is_refused(text: str, said: str) -> None:
    with pytest.raises(UnknownPlan, match=said):
        plan_named(text, PLANS)


def test_plans_wait_until_they_are_void_and_those_of_teams_that_are_gone_do_not() -> None:
    event = taken(asked_event(recorder(), asked(), "please sign"))
    elsewhere = event.model_copy(update={"team": "gone"})

    assert [each.asked.plan for each in waiting_plans([event], CONFIGURATION)] == [asked().plan]
    assert waiting_plans([elsewhere], CONFIGURATION) == ()
    assert waiting_plans([event, voided_event(recorder(), asked(), "#2 moved")], CONFIGURATION) == ()


def test_a_row_says_what_waits_for_whom() -> None:
    row = plan_row(PLANS[0], Judgement((), (), ("platform-lead",)))

    assert row["until"] is None
    assert row["roles"] == [
        {
            "role": "platform-lead",
            "title": "Platform Lead (platform-lead)",
            "who": ["dave", "erin"],
            "signed_by": None,
            "until": None,
            "refused": [],
        }
    ]


@pytest.mark.parametrize(
    ("person", "role", "login"),
    [
        (None, "platform-lead", "dave"),
        (None, "security-lead", "erin"),
        (None, "compliance-officer", "dave"),
        ("erin", "platform-lead", "erin"),
        ("erin@example.org", "platform-lead", "erin"),
        ("mallory", "platform-lead", None),
    ],
)
def test_a_key_says_who_signs(person: str | None, role: str, login: str | None) -> None:
    found = signer_with("ssh-ed25519 AAAA", person, role, CONFIGURATION)

    assert (None if found is None else found.login) == login
    assert signer_with("ssh-ed25519 BBBB", person, role, CONFIGURATION) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"document": {}}',
        '{"signature": "x"}',
        '{"document": {"n": 1e400}, "signature": "x"}',
        "[" * 9_999,
    ],
)
def test_what_is_pasted_and_is_no_signature_is_refused(text: str) -> None:
    with pytest.raises(SignOffRefused, match="no signature of a plan"):
        given_in(text)
