"""Plans that named people must sign, with keys of their own, before anything of them lands."""

import json
import signal
from pathlib import Path

import pytest
from prefect import flow

from flows.sign_off_form import until_signed
from tasks.crash_points import VARIABLE, CrashPoint
from tasks.domain.signing_desk import SignOffRefused, UnknownPlan
from tests.flows.hub import Hub, Run
from tests.flows.proxy import between
from tests.flows.signers import NEEDS_OPENSSH, Person, awaited, signer
from tests.flows.world import Repository

pytestmark = NEEDS_OPENSSH

BOTH = [{"role": "platform-lead"}, {"role": "security-lead"}]


@pytest.fixture
def people(hub: Hub, tmp_path: Path) -> tuple[Person, Person]:
    return signer(hub, tmp_path, "dave", "platform-lead"), signer(hub, tmp_path, "erin", "security-lead")


def plan_of(run: Run, repository: Repository) -> str:
    return str(run.repository(repository)["plan_digest"])


def test_a_plan_lands_once_all_who_must_have_signed_it(hub: Hub, people: tuple[Person, Person]) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, policies={"sign_off": BOTH})
    one, two = api.pull_request("one"), api.pull_request("two")
    dave, erin = people

    held = hub.run()
    kept = hub.traces()
    again = hub.run()
    assert held.told(one, two) == ["held: sign-off-missing sign-off-missing"] * 2
    assert (hub.traces(), again.messages(one)) == (kept, held.messages(one))
    plan = plan_of(held, api)
    assert [each["plan"] for each in awaited(hub)] == [plan]

    dave.signs(plan[:15], "platform-lead")
    half = hub.run()
    assert half.told(one, two) == ["held: sign-off-missing"] * 2
    assert erin.signs(plan, "security-lead")["recorded"]
    assert not erin.signs(plan, "security-lead")["recorded"]

    run = hub.run()
    assert run.told(one, two) == ["merged", "merged"]
    assert [each["person"] for each in hub.grounds_of(one)["sign_offs"]] == ["dave@example.org", "erin@example.org"]
    assert awaited(hub) == []
    landed = hub.traces()
    hub.run()

    assert hub.traces() == landed
    assert [mail["subject"] for mail in hub.organization.mails() if "signatures" in mail["subject"]] == [
        f"[merge-hub] {api.full_name}: a plan waits for your signatures"
    ]
    report = max(key for key in hub.evidence() if key.endswith("audit-report.md"))
    assert "Platform Lead: not collected" not in hub.evidence()[report].decode()


def test_a_plan_that_waits_is_frozen_and_void_when_a_member_moves(hub: Hub, people: tuple[Person, Person]) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, policies={"sign_off": BOTH[:1]})
    one = api.pull_request("one")
    dave, _ = people
    first = plan_of(hub.run(), api)
    later = api.pull_request("later")

    frozen = hub.run()
    assert frozen.told(one, later) == ["held: sign-off-missing", "held: plan-frozen"]
    assert plan_of(frozen, api) == first
    dave.signs(first, "platform-lead")
    one.push({"more.txt": "more\n"})
    one.approve("bob")

    moved = hub.run()
    assert moved.told(one, later) == ["held: sign-off-missing", "held: sign-off-missing"]
    assert len(hub.events_of("signature.voided")) == 1
    with pytest.raises(UnknownPlan):
        dave.signs(first, "platform-lead")
    dave.signs(plan_of(moved, api), "platform-lead")

    run = hub.run()

    assert run.told(one, later) == ["merged", "merged"]


def test_who_wrote_part_of_a_plan_cannot_sign_it_nor_in_two_roles(hub: Hub, tmp_path: Path) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, policies={"sign_off": BOTH})
    api.pull_request("one", by="alice")
    alice = signer(hub, tmp_path, "alice", "platform-lead")
    dave = signer(hub, tmp_path, "dave", "platform-lead", "security-lead")
    plan = plan_of(hub.run(), api)

    with pytest.raises(SignOffRefused, match="alice wrote part of the plan"):
        alice.signs(plan, "platform-lead")
    dave.signs(plan, "platform-lead")
    with pytest.raises(SignOffRefused, match="they signed this plan as platform-lead already"):
        dave.signs(plan, "security-lead")
    with pytest.raises(SignOffRefused, match="the plan needs no signature of a compliance-officer"):
        dave.signs(plan, "compliance-officer")

    assert len(hub.events_of("signature.given")) == 1


def test_a_death_behind_the_question_leaves_it_asked_once(hub: Hub, people: tuple[Person, Person]) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, policies={"sign_off": BOTH[:1]})
    one = api.pull_request("one")
    dave, _ = people

    with hub.start(**{VARIABLE: CrashPoint.AFTER_SIGN_OFF_ASKED.value}) as process:
        process.communicate(timeout=120)
    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert process.returncode == -signal.SIGKILL
    assert run.told(one) == ["held: sign-off-missing"]
    assert hub.traces() == kept
    assert len(hub.events_of("signature.asked")) == 1
    dave.signs(plan_of(run, api), "platform-lead")
    assert hub.run().told(one) == ["merged"]


def test_a_form_takes_signatures_and_refuses_whatever_else_is_pasted(hub: Hub, people: tuple[Person, Person]) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, policies={"sign_off": BOTH})
    one = api.pull_request("one")
    dave, erin = people
    plan = plan_of(hub.run(), api)
    good = dave.signature(plan, "platform-lead")
    of_erin = json.loads(erin.signature(plan, "security-lead"))
    forged = json.dumps({**of_erin, "signature": json.loads(good)["signature"]})
    other = json.dumps({**of_erin, "document": {**of_erin["document"], "members": []}})
    pasted = iter(["yes", "{}", "[1e400]", forged, other, good, json.dumps(of_erin)])
    asked: dict[str, str] = {}

    def ask(question: str, key: str) -> str:
        assert key not in asked
        asked[key] = question
        return next(pasted)

    @flow
    def deployed() -> Run:
        with hub.entered():
            return Run(until_signed(lambda: dict(hub.run().document), ask), ())

    run = deployed()

    assert run.told(one) == ["merged"]
    assert sum(question.startswith("Refused: ") for question in asked.values()) == 5
    assert [event["data"]["principal"] for event in hub.events_of("signature.given")] == [
        "dave@example.org",
        "erin@example.org",
    ]


def test_what_needs_no_signature_lands_and_what_conflicts_with_a_plan_that_waits_does_not(
    hub: Hub, people: tuple[Person, Person]
) -> None:
    api = hub.organization.repository("api")
    demand = {"role": "platform-lead", "when": {"paths": ["auth/**"]}}
    hub.config.team("team-a", api, policies={"sign_off": [demand]})
    of_auth = api.pull_request("auth", {"auth/login.py": "1\n", "shared.txt": "auth\n"})
    free = api.pull_request("free")
    first = hub.run()
    clashing = api.pull_request("clashing", {"shared.txt": "other\n"})
    later = api.pull_request("later")

    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert first.told(of_auth, free) == ["held: sign-off-missing", "merged"]
    assert run.told(of_auth, clashing, later) == ["held: sign-off-missing", "held: conflict-ahead", "merged"]
    assert plan_of(run, api) == plan_of(first, api)
    assert hub.traces() == kept
    people[0].signs(plan_of(run, api), "platform-lead")
    assert hub.run().told(of_auth) == ["merged"]


def test_what_is_moved_out_of_a_protected_folder_or_into_it_is_signed(hub: Hub, people: tuple[Person, Person]) -> None:
    """Of a file that was renamed the code host lists the new path only."""
    api = hub.organization.repository(
        "api", {"auth/login.py": "1\n2\n3\n", "auth/b.py": "0\n", "plain.py": "4\n5\n6\n"}
    )
    demand = {"role": "platform-lead", "when": {"paths": ["/auth/"]}}
    hub.config.team("team-a", api, policies={"sign_off": [demand]})
    out = api.pull_request("out", {"auth/login.py": None, "login.py": "1\n2\n3\n"})
    into = api.pull_request("into", {"plain.py": None, "auth/plain.py": "4\n5\n6\n"})
    beside = api.pull_request("beside", {"authority.py": "7\n"})

    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert run.told(out, into, beside) == ["held: sign-off-missing", "held: sign-off-missing", "merged"]
    assert hub.traces() == kept
    people[0].signs(plan_of(run, api), "platform-lead")
    assert hub.run().told(out, into) == ["merged", "merged"]


def test_members_of_a_change_set_are_signed_too(hub: Hub, people: tuple[Person, Person]) -> None:
    api, web = (hub.organization.repository(name) for name in ("api", "web"))
    hub.config.team("team-a", api, policies={"sign_off": BOTH[:1]})
    hub.config.team("team-b", web)
    one, other = (each.pull_request("part", body="Change-set: pay-1") for each in (api, web))

    held = hub.run()
    kept = hub.traces()
    hub.run()

    assert held.told(one, other) == ["held: sign-off-missing", "held: change-set-waiting"]
    assert hub.traces() == kept
    (plan,) = awaited(hub)
    assert plan["change_set"] == "pay-1"
    people[0].signs(plan["plan"], "platform-lead")
    run = hub.run()
    assert run.told(one, other) == ["merged", "merged"]


def test_a_signature_by_a_key_that_ended_holds_what_it_let_through(hub: Hub, people: tuple[Person, Person]) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, policies={"sign_off": BOTH[:1]})
    one = api.pull_request("one")
    dave, _ = people
    dave.signs(plan_of(hub.run(), api), "platform-lead")
    hub.config.keys[0] = f'dave@example.org valid-before="20200101Z" {dave.public}'

    run = hub.run()

    assert run.told(one) == ["held: sign-off-missing"]
    assert "allowed_signers has no key of that principal" in run.messages(one)[0]


def test_a_signed_plan_of_which_a_member_moves_in_the_middle_of_a_run_lands_nothing_that_was_not_signed(
    hub: Hub, people: tuple[Person, Person]
) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, policies={"sign_off": BOTH[:1]})
    one, two = api.pull_request("one"), api.pull_request("two")
    dave, _ = people
    dave.signs(plan_of(hub.run(), api), "platform-lead")

    def moves(_method: str, _path: str, body: str) -> None:
        """Behind the snapshot that the plan is made of, once."""
        if "openPullRequests" in body and "more.txt" not in api.files(two.head):
            two.push({"more.txt": "more\n"})
            two.approve("bob")

    with between(hub) as host:
        host.after = moves
        run = hub.run()
    landed = [event["subject"]["pull_request"] for event in hub.events_of("merge.completed")]
    files = api.files()
    hub.run()
    kept = hub.traces()
    hub.run()

    assert run.outcome(two) == "held"
    assert "more.txt" not in files
    assert landed in ([], [one.number])
    assert hub.traces() == kept
