"""Which signatures count, and why the others do not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from config.schema import Signer, SignersFile, SignOff
from tasks.domain.model import Login
from tasks.domain.sign_off import reasons_of_signatures
from tests.domain.builders import NOON, pull_request
from tests.domain.sign_off.signed import LEAD, SECURITY, SIGNERS, asked, judged, refusals, rules, signature

SECOND = SignOff(role="security-lead")


def test_a_good_signature_of_the_role_is_all_that_a_plan_needs() -> None:
    judgement = judged(signature())

    assert (judgement.missing, judgement.refused) == ((), ())
    assert judgement.accepted[0].until == NOON + timedelta(days=7)


def test_no_signature_is_not_enough() -> None:
    assert judged().missing == ("platform-lead",)


def test_what_openssh_refuses_does_not_count() -> None:
    judgement = judged(signature(), refusal="it is no signature of OpenSSH")

    assert (judgement.missing, refusals(judgement)) == (("platform-lead",), ["it is no signature of OpenSSH"])


OTHER_PLAN = asked(pull_request(3))


@pytest.mark.parametrize(
    ("given", "because"),
    [
        (signature(on=OTHER_PLAN), "it is over another plan, members"),
        (signature(schema="merge-hub-sign-off/2"), "it is over another schema"),
        (signature(organization="Other"), "it is over another organization"),
        (signature(repository_id="1002"), "it is over another repository_id"),
        (signature(target="release"), "it is over another target"),
        (signature(members=[]), "it is over another members"),
        (signature(turn=1), "it is over another turn"),
        (signature(more="text"), "it is over another more"),
        (signature(signed_at="yesterday"), "it expired at"),
        (signature(at=NOON + timedelta(days=-8)), "it expired at 2026-03-01T12:00:00Z"),
        (signature(signed_at="2026-03-02T12:06:00Z"), "it bears a time that had not come when it was recorded"),
        (signature(role="security-lead"), "the plan needs no signature of a security-lead"),
        (
            signature(Signer(login="dave", principal="erin@example.org", roles=("platform-lead",))),
            "they have not the role",
        ),
        (
            signature(Signer(login="mallory", principal="m@example.org", roles=("platform-lead",))),
            "they have not the role",
        ),
    ],
)
def test_a_signature_over_anything_else_does_not_count(given: object, because: str) -> None:
    judgement = judged(given)  # type: ignore[arg-type]  # made above

    assert judgement.missing == ("platform-lead",)
    assert refusals(judgement)[0].startswith(because)


def test_a_repository_may_be_renamed_while_people_look() -> None:
    assert judged(signature(repository="acme/old-name")).missing == ()


def test_who_wrote_part_of_the_plan_cannot_sign_it_however_the_login_is_spelt() -> None:
    judgement = judged(signature(), contributors=frozenset({Login("Dave")}))

    assert refusals(judgement) == ["dave wrote part of the plan"]


def test_one_person_signs_in_one_role() -> None:
    both = rules(SignOff(role="platform-lead"), SECOND)
    plan = asked(by=both)
    judgement = judged(signature(SECURITY, on=plan), signature(SECURITY, "security-lead", on=plan), by=both)

    assert judgement.missing == ("security-lead",)
    assert refusals(judgement) == ["they signed this plan as platform-lead already"]


@pytest.mark.parametrize("term", [{"from_": "2026-03-02T12:30:00Z"}, {"until": "2026-03-02T12:30:00Z"}])
def test_a_signer_signs_within_their_time_and_the_signature_counts_within_it(term: dict[str, str]) -> None:
    signers = SignersFile(people=(LEAD.model_copy(update=term),))
    judgement = judged(signature(), by=rules(signers=signers))

    assert judgement.missing == ("platform-lead",)


def test_the_shortest_time_that_anybody_asks_for_is_how_long_a_signature_holds() -> None:
    brief = rules(SignOff(role="platform-lead", expires="30d"), SignOff(role="platform-lead", expires="2h"))
    given = signature(on=asked(by=brief))

    assert judged(given, by=brief, at=NOON + timedelta(minutes=119)).missing == ()
    assert judged(given, by=brief, at=NOON + timedelta(hours=2)).missing == ("platform-lead",)


def test_nothing_makes_a_signature_hold_longer_than_signers_yml_says() -> None:
    patient = rules(SignOff(role="platform-lead", expires="365d"))

    assert judged(signature(on=asked(by=patient)), by=patient).accepted[0].until == NOON + timedelta(days=7)


def test_a_reason_names_the_plan_the_role_who_has_it_and_what_is_wrong_with_what_was_signed() -> None:
    plan = asked()
    judgement = judged(signature(), at=NOON + timedelta(days=9))

    (reason,) = reasons_of_signatures(plan, judgement, rules())

    assert reason.actor == "dave, erin"
    assert reason.message == (
        f"plan {plan.plan.removeprefix('sha256:')[:12]} lacks the signature of Platform Lead (platform-lead)"
        "; the signature of dave@example.org does not count: it expired at 2026-03-09T12:00:00Z"
    )


def test_the_same_plan_asked_for_again_needs_new_signatures() -> None:
    assert replace(asked(), turn=1).plan == asked(turn=1).plan
    assert judged(signature(on=asked(turn=1))).missing == ("platform-lead",)
    assert SIGNERS.roles.keys() == {"platform-lead", "security-lead", "compliance-officer"}
