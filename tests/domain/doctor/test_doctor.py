"""What is well and what is not, judged from what was found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from config.schema import Landing, MergeMethod, RulesetRule, Stage
from tasks.domain import doctor, doctor_host
from tasks.domain.credentials import CredentialKind, CredentialState, SecretFound
from tasks.domain.doctor import Check, Landings, Status
from tasks.domain.errors import CodeHostUnreachable
from tasks.domain.examined import (
    BucketFound,
    ChatFound,
    CodeHostFound,
    DirectoryFound,
    GatesFound,
    GitFound,
    HomeFound,
    LeftoversFound,
    LogFound,
    MailFound,
    PrefectFound,
    RepositoryFound,
    SealFound,
)
from tasks.domain.protection import Guard, Protection, Unread

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOME = HomeFound("/home/hub", exists=True, writable=True, free_bytes=50 * 2**30)
HOST = CodeHostFound(
    address="https://api.example.org",
    login="merge-hub[bot]",
    scopes=None,
    expires_at=None,
    limit=5000,
    remaining=4000,
    resets_at=NOW + timedelta(minutes=30),
    clock_seconds=0.3,
)
CLASSIC = replace(HOST, scopes=("repo",), expires_at=NOW + timedelta(days=60))
REPOSITORY = RepositoryFound("acme/api", archived=False, may_push=True, methods=frozenset(MergeMethod), has_target=True)
LANDINGS = Landings("team-a", "main", Stage.MERGE, Landing.FAST_FORWARD, MergeMethod.MERGE)
BUCKET = BucketFound("s3://logs", versioned=True, locks=True, mode="COMPLIANCE", days=400)
LOG = LogFound(place="audit.db", size=12, newest=NOW, exported=12, unconfirmed=0, announced=0)


def judged(host: CodeHostFound, name: str) -> Check:
    return next(check for check in doctor_host.judge_code_host(host, NOW) if check.name == name)


@pytest.mark.parametrize(
    ("version", "status"),
    [
        ("git version 2.39.5", Status.OK),
        ("git version 2.38.0.windows.1", Status.OK),
        ("git version 3.0.1 (Apple Git-999)", Status.OK),
        ("git version 2.37.9", Status.DEFECT),
        ("git version 1.99", Status.DEFECT),
        ("hello", Status.DEFECT),
        ("", Status.DEFECT),
    ],
)
def test_git_is_well_from_the_version_on_that_merges_without_a_working_tree(version: str, status: Status) -> None:
    assert doctor.judge_git(GitFound(version)).status is status


@pytest.mark.parametrize(
    ("home", "status"),
    [
        (HOME, Status.OK),
        (replace(HOME, exists=False), Status.OK),
        (replace(HOME, writable=False), Status.DEFECT),
        (replace(HOME, free_bytes=2**30), Status.WARNING),
        (replace(HOME, free_bytes=2**20), Status.DEFECT),
    ],
)
def test_a_home_must_take_what_is_kept(home: HomeFound, status: Status) -> None:
    assert doctor.judge_home(home).status is status


def test_what_dead_processes_left_is_told_and_removed_by_itself() -> None:
    check = doctor.judge_leftovers(LeftoversFound(("work/a", "work/b"), ("mirrors/42.git/HEAD.lock",)))

    assert check == Check(
        "leftovers",
        Status.WARNING,
        "2 workspaces and 1 files in mirrors of processes that died",
        "Nothing: the next run that lands removes them.",
    )
    assert doctor.judge_leftovers(LeftoversFound((), ())).status is Status.OK


def test_a_code_host_that_answers_says_for_whom_it_takes_us() -> None:
    assert judged(HOST, "code host").found == "https://api.example.org answers, to merge-hub[bot]"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        (HOST, Status.SKIPPED),
        (CLASSIC, Status.OK),
        (replace(CLASSIC, expires_at=None), Status.WARNING),
        (replace(CLASSIC, expires_at=NOW + timedelta(days=13)), Status.WARNING),
        (replace(CLASSIC, expires_at=NOW + timedelta(days=91)), Status.WARNING),
        (replace(CLASSIC, expires_at=NOW), Status.DEFECT),
    ],
)
def test_a_token_is_to_be_rotated_before_it_expires_and_within_ninety_days(host: CodeHostFound, status: Status) -> None:
    assert judged(host, "token's age").status is status


@pytest.mark.parametrize(
    ("scopes", "status"),
    [
        (None, Status.SKIPPED),
        (("repo",), Status.OK),
        (("repo", "read:org"), Status.OK),
        (("repo", "admin:org"), Status.WARNING),
        (("public_repo",), Status.WARNING),
        ((), Status.DEFECT),
    ],
)
def test_a_classic_token_has_the_scope_it_needs_and_no_other(scopes: tuple[str, ...] | None, status: Status) -> None:
    assert judged(replace(HOST, scopes=scopes), "token's scopes").status is status


@pytest.mark.parametrize(
    ("limit", "remaining", "status"),
    [
        (5000, 4000, Status.OK),
        (5000, 500, Status.WARNING),
        (5000, 0, Status.DEFECT),
        (0, 0, Status.OK),
    ],
)
def test_a_rate_limit_that_is_nearly_used_up_is_told_before_it_is(limit: int, remaining: int, status: Status) -> None:
    check = judged(replace(HOST, limit=limit, remaining=remaining), "rate limit")

    assert check.status is status
    assert ("Wait until 09:30:00 UTC" in check.remedy) == (status is not Status.OK)


def test_a_limit_without_a_known_end_is_waited_for_all_the_same() -> None:
    assert judged(replace(HOST, remaining=0, resets_at=None), "rate limit").remedy.startswith("Wait;")


@pytest.mark.parametrize(("seconds", "found"), [(61.0, "61 s ahead of"), (-90.0, "90 s behind")])
def test_a_clock_that_is_wrong_is_told(seconds: float, found: str) -> None:
    check = judged(replace(HOST, clock_seconds=seconds), "clock")

    assert (check.status, check.found) == (Status.WARNING, f"it is {found} the code host's")
    assert judged(HOST, "clock").status is Status.OK


@pytest.mark.parametrize(
    ("repository", "landings", "status", "found"),
    [
        (REPOSITORY, LANDINGS, Status.OK, "the token may write to it"),
        (replace(REPOSITORY, may_push=None), LANDINGS, Status.OK, "its branch and settings are read"),
        (replace(REPOSITORY, may_push=False), LANDINGS, Status.DEFECT, "the token may read it and not write to it"),
        (
            replace(REPOSITORY, may_push=False),
            replace(LANDINGS, stage=Stage.GATE),
            Status.WARNING,
            "the token may read it and not write to it",
        ),
        (
            REPOSITORY,
            replace(LANDINGS, stage=Stage.OBSERVE),
            Status.OK,
            "it can be read, and team-a is at stage observe",
        ),
        (replace(REPOSITORY, archived=True), LANDINGS, Status.DEFECT, "it is archived"),
        (replace(REPOSITORY, has_target=False), LANDINGS, Status.DEFECT, "it has no branch main"),
        (replace(REPOSITORY, name="acme/web"), LANDINGS, Status.WARNING, "it is called acme/web by now"),
        (replace(REPOSITORY, name="Acme/API"), LANDINGS, Status.OK, "the token may write to it"),
        (replace(REPOSITORY, methods=frozenset()), LANDINGS, Status.OK, "the token may write to it"),
        (
            replace(REPOSITORY, methods=frozenset({MergeMethod.SQUASH})),
            replace(LANDINGS, landing=Landing.API),
            Status.DEFECT,
            "it does not allow to merge pull requests",
        ),
    ],
)
def test_a_repository_must_let_land_what_its_team_wants_to(
    repository: RepositoryFound, landings: Landings, status: Status, found: str
) -> None:
    check = doctor_host.judge_repository("acme/api", repository, landings)

    assert (check.name, check.status, check.found) == ("repository acme/api", status, found)
    assert bool(check.remedy) == (status is not Status.OK)


@pytest.mark.parametrize(
    ("bucket", "status"),
    [
        (BUCKET, Status.OK),
        (replace(BUCKET, mode=None, days=None), Status.OK),
        (replace(BUCKET, locks=False), Status.DEFECT),
        (replace(BUCKET, versioned=False), Status.DEFECT),
        (replace(BUCKET, locks=None, versioned=None), Status.WARNING),
        (replace(BUCKET, days=30), Status.WARNING),
        (replace(BUCKET, mode="GOVERNANCE"), Status.WARNING),
    ],
)
def test_a_bucket_that_does_not_lock_is_no_place_for_evidence(bucket: BucketFound, status: Status) -> None:
    check = doctor.judge_bucket(bucket, retention_days=365)

    assert (check.status, bool(check.remedy)) == (status, status is not Status.OK)


def test_a_directory_for_evidence_must_take_it() -> None:
    found = DirectoryFound("/evidence", exists=True, writable=True)

    assert doctor.judge_directory(found).status is Status.OK
    assert "first run makes" in doctor.judge_directory(replace(found, exists=False)).found
    assert doctor.judge_directory(replace(found, writable=False)).status is Status.DEFECT


@pytest.mark.parametrize(
    ("log", "status", "found"),
    [
        (LogFound("audit.db", 0, None, 0, 0, 0), Status.OK, "audit.db: nothing was recorded yet"),
        (LOG, Status.OK, "audit.db: 12 events, the newest of 2026-03-02T09:00:00Z, all of it exported"),
        (replace(LOG, exported=10), Status.WARNING, "2 events not exported as evidence"),
        (replace(LOG, unconfirmed=1), Status.WARNING, "1 messages announced and not confirmed"),
        (replace(LOG, announced=3), Status.WARNING, "3 landings announced and not concluded"),
    ],
)
def test_what_a_dead_run_left_open_in_the_log_is_told(log: LogFound, status: Status, found: str) -> None:
    check = doctor.judge_log(log)

    assert (check.status, found in check.found) == (status, True)


def test_messages_must_have_a_way() -> None:
    assert doctor.judge_mail(MailFound("mail:25", encrypted=True, logged_in=True)).found == (
        "mail:25 answers, encrypted, and takes the password"
    )
    assert doctor.judge_mail(MailFound("mail:25", encrypted=False, logged_in=False)).found == (
        "mail:25 answers, not encrypted"
    )
    assert doctor.judge_chat(ChatFound("hooks.slack.com", encrypted=True)).status is Status.OK
    assert doctor.judge_chat(ChatFound("127.0.0.1", encrypted=False)).status is Status.OK
    assert doctor.judge_chat(ChatFound("hooks.slack.com", encrypted=False)).status is Status.WARNING


@pytest.mark.parametrize(
    ("seal", "locked", "status"),
    [
        (SealFound("/home/keys", on_this_machine=True, keys=None, outside=False), False, Status.OK),
        (SealFound("/home/keys", on_this_machine=True, keys=("a", "b"), outside=True), True, Status.WARNING),
        (SealFound("Vault", on_this_machine=False, keys=("a", "b"), outside=False), True, Status.WARNING),
        (SealFound("Vault", on_this_machine=False, keys=("a", "b"), outside=True), True, Status.OK),
    ],
)
def test_locked_evidence_is_signed_by_keys_elsewhere_and_seen_by_somebody_outside(
    seal: SealFound,
    locked: bool,  # noqa: FBT001 -- a parameter of the table
    status: Status,
) -> None:
    check = doctor.judge_seal(seal, locked=locked)

    assert (check.name, check.status, bool(check.remedy)) == ("seal", status, status is Status.WARNING)


def test_prefect_may_be_somebodys_or_our_own() -> None:
    assert doctor.judge_prefect(PrefectFound("http://prefect/api")).found == "http://prefect/api answers"
    assert "starts its own" in doctor.judge_prefect(PrefectFound(None)).found


def test_a_configuration_with_warnings_can_be_used() -> None:
    assert doctor.judge_configuration(3, 6, 0).status is Status.OK
    assert doctor.judge_configuration(3, 6, 2).found == "3 teams, 6 repositories, 2 warnings"


def test_what_cannot_be_looked_at_is_no_health() -> None:
    check = doctor.failed("code host", CodeHostUnreachable("it does not answer", remedy="Check the network."))

    assert check == Check("code host", Status.DEFECT, "it does not answer", "Check the network.")


def test_a_code_host_that_is_not_there_is_told_once_and_not_of_every_repository() -> None:
    git, slack = Check("git", Status.OK, "2.39"), Check("Slack", Status.OK, "fine")
    host = Check("code host", Status.DEFECT, "no answer", "Check the network.")
    lost = [Check(f"repository {name}", Status.DEFECT, "no answer", "Check the network.") for name in "ab"]
    other = Check("repository c", Status.DEFECT, "it is archived", "Unarchive it.")

    assert doctor.told_once((git, host, *lost, other, slack)) == (
        git,
        host,
        Check("repositories", Status.SKIPPED, "2 could not be looked at: see the code host"),
        other,
        slack,
    )
    assert doctor.told_once((git, host, other)) == (git, host, other)
    assert doctor.told_once((git, *lost)) == (git, *lost)


def credential(**known: object) -> CredentialState:
    whole: dict[str, object] = {
        "kind": CredentialKind.CLASSIC,
        "source": "the variable GITHUB_TOKEN",
        "fingerprint": "f",
        "age_days": 10,
        "seen_days": 0,
        "expires_at": None,
        "permissions": ("repo",),
    }
    return CredentialState(**(whole | known))  # type: ignore[arg-type]


def test_a_young_credential_is_well() -> None:
    check = doctor_host.judge_credential(credential(), NOW)

    assert (check.status, check.found) == (Status.OK, "classic-token from the variable GITHUB_TOKEN, 10 days old")


def test_all_that_is_not_well_about_a_credential_is_told_at_once() -> None:
    check = doctor_host.judge_credential(credential(age_days=None, excess=("gist",)), NOW)

    assert (check.status, check.found) == (
        Status.WARNING,
        "classic-token from the variable GITHUB_TOKEN: nobody says how old it is; it may do more than it needs: gist",
    )


def test_an_expired_credential_is_a_defect() -> None:
    assert doctor_host.judge_credential(credential(expires_at=NOW), NOW).status is Status.DEFECT


def test_gates_that_are_kept_apart_are_well() -> None:
    check = doctor.judge_gates(GatesFound(apart=True, without_network=True), 1)

    assert (check.status, check.remedy) == (Status.OK, "")


def test_gates_that_cannot_be_kept_apart_are_told_of() -> None:
    check = doctor.judge_gates(GatesFound(apart=False, without_network=False), 0)

    assert (check.status, check.found) == (
        Status.WARNING,
        "this machine has no namespaces for them: they may read what the hub's user may",
    )


def test_a_gate_that_is_to_have_no_network_where_that_cannot_be_is_a_defect() -> None:
    check = doctor.judge_gates(GatesFound(apart=True, without_network=False), 2)

    assert (check.status, check.found) == (
        Status.DEFECT,
        "2 are to have no network, and this machine cannot see to it",
    )


def test_secrets_are_told_with_their_places_and_ages_as_far_as_they_are_known() -> None:
    webhook = SecretFound("the Slack webhook", "Vault at secret/slack", 12, hidden=True)
    password = SecretFound("the mail server's password", "the variable MAIL", None, hidden=True)
    told = doctor.judge_secrets((webhook, password))

    assert doctor.judge_secrets(()).status is Status.SKIPPED
    assert (told.status, told.remedy) == (Status.OK, "")
    assert told.found == (
        "the Slack webhook is there, from Vault at secret/slack, 12 days old; "
        "the mail server's password is there, from the variable MAIL, its place does not tell since when"
    )


def test_a_secret_that_is_old_or_too_short_to_hide_is_a_warning_with_what_to_do() -> None:
    old = SecretFound("the Slack webhook", "Vault at secret/slack", 91, hidden=True)
    short = SecretFound("a secret", "the variable DB_PASSWORD", None, hidden=False)
    told = doctor.judge_secrets((old, short))

    assert told.status is Status.WARNING
    assert "it is 91 days old" in told.found
    assert "fewer than 8 characters" in told.found
    assert "(the Slack webhook)" in told.remedy
    assert "(a secret)" in told.remedy


def guards(*protection: Guard, unread: tuple[Unread, ...] = (), stage: Stage = Stage.MERGE) -> Check:
    said = {"id": "G-1", "title": "T", "check": "ruleset", "severity": "high", "with": {"linear_history": True}}
    rule, landings = RulesetRule.model_validate(said), replace(LANDINGS, stage=stage)
    return doctor_host.judge_guards("acme/api", Protection("main", protection, unread), landings, [rule])


def test_a_branch_that_is_guarded_as_rules_demand_is_well() -> None:
    assert guards(Guard("branch protection", linear_history=True, bypass=())) == Check(
        "repository acme/api: guards", Status.OK, "main is guarded as G-1 demands"
    )


def test_a_branch_that_is_not_guarded_so_is_a_defect_where_it_would_be_landed_on() -> None:
    found = [guards(), guards(stage=Stage.GATE), guards(unread=(Unread("branch protection", "administration: read"),))]

    assert [check.status for check in found] == [Status.DEFECT, Status.WARNING, Status.DEFECT]
    assert found[0].found == "G-1: main is to have a linear history, and nothing guards it"
    assert found[0].remedy.startswith("Let an administrator of the repository")
    assert found[2].remedy.startswith("Give the credential that permission")
