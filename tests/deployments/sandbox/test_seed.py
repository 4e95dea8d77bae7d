"""AcmeCorp is as it was promised: its pull requests, its gates, and a scenario for what they show."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.loader import load
from config.schema import Configuration
from deployments.sandbox.process import Sandbox, SandboxNotReadyError
from deployments.sandbox.seed.scenarios import SeededRepository, repositories, scenarios
from tasks.domain.reasons import TABLE, ReasonCode

CONFIGURATION = Path(__file__).parents[3] / "deployments" / "sandbox" / "config"

# The demo ends with 0, so nothing in it may fail.
NEEDS_ANOTHER_STAGE_OR_A_FAULT = {
    ReasonCode.GATE_ERRORED,
    ReasonCode.STAGE_OBSERVE,
    ReasonCode.STAGE_GATE,
    ReasonCode.BASE_RED,
    ReasonCode.BASE_MOVING,
    ReasonCode.CHANGED_MEANWHILE,
    ReasonCode.COMMITS_UNKNOWN,
    ReasonCode.AUDIT_TRAIL_MISSING,
    ReasonCode.NO_REQUIRED_GATE,
    ReasonCode.PATH_FORBIDDEN,
    ReasonCode.LANDING_REJECTED,
    ReasonCode.TREE_DIFFERS,
    ReasonCode.REPOSITORY_FAILED,
    ReasonCode.ROLLED_BACK,
    ReasonCode.DEPENDENCY_ROLLED_BACK,
    ReasonCode.CHANGE_SET_REVERTED,
}
NEEDS_WHAT_THE_DEMO_DOES_NOT_TELL_OF = {
    ReasonCode.FROZEN,
    ReasonCode.NOT_BEFORE,
    ReasonCode.QUARANTINED,
    ReasonCode.CHANGE_SET_WAITING,
    ReasonCode.CHANGE_SET_TOO_LARGE,
    ReasonCode.CHANGE_SET_UNREADABLE,
    ReasonCode.PAUSED,
    ReasonCode.PLAN_FROZEN,
    ReasonCode.CODE_OWNER_MISSING,
    ReasonCode.POLICY_ERROR,
    ReasonCode.APPROVAL_ASKED_AGAIN,
}


@pytest.fixture(scope="module")
def acme() -> Iterator[Sandbox]:
    with Sandbox(seed="acme", object_store=False) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def configuration() -> Configuration:
    return load(CONFIGURATION)


def get(acme: Sandbox, path: str) -> Any:
    answer = httpx.get(acme.endpoints.api_url + path, headers={"Authorization": "Bearer sandbox-app"})
    answer.raise_for_status()
    return answer.json()


def git(acme: Sandbox, repository: str, *arguments: str) -> str:
    directory = acme.endpoints.git_url.format(repository=repository).removeprefix("file://")
    command = ["git", f"--git-dir={directory}", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def run_gates(acme: Sandbox, seeded: SeededRepository, branch: str, checkout: Path) -> dict[str, int]:
    git(acme, seeded.full_name, "worktree", "add", "--force", "--detach", "--quiet", str(checkout), branch)
    configuration = load(CONFIGURATION)
    team = next(each for each in configuration.teams if seeded.full_name in configuration.repositories_of(each))
    return {
        gate.name: subprocess.run(
            ["/bin/sh", "-c", gate.command], check=False, cwd=checkout, capture_output=True
        ).returncode
        for gate in configuration.gates_for(team)
    }


def test_every_other_reason_has_a_scenario() -> None:
    shown = {scenario.reason for scenario in scenarios()}
    others = {*ReasonCode} - NEEDS_ANOTHER_STAGE_OR_A_FAULT - NEEDS_WHAT_THE_DEMO_DOES_NOT_TELL_OF

    assert {code.value for code in others} == shown - {None}


def test_every_scenario_has_the_outcome_of_its_reason() -> None:
    judged = {scenario: TABLE[ReasonCode(scenario.reason)].outcome for scenario in scenarios() if scenario.reason}

    assert {scenario.outcome for scenario in scenarios()} == {"merged", "held", "refused"}
    assert all(scenario.outcome == outcome for scenario, outcome in judged.items())


def test_the_configuration_is_valid_and_names_every_seeded_repository(configuration: Configuration) -> None:
    configured = {name for team in configuration.teams for name in configuration.repositories_of(team)}

    assert configured == {seeded.full_name for seeded in repositories()}


@pytest.mark.parametrize("seeded", repositories(), ids=lambda seeded: seeded.repository)
def test_pull_requests_are_open_as_the_scenarios_say(acme: Sandbox, seeded: SeededRepository) -> None:
    pulls = get(acme, f"/repos/{seeded.full_name}/pulls?per_page=100")

    found = {(seeded.full_name, pull["number"], pull["title"]) for pull in pulls}
    promised = {(s.repository, s.number, s.title) for s in scenarios() if s.repository == seeded.full_name}
    assert found == promised


def test_an_approval_of_an_earlier_head_stays_with_it(acme: Sandbox) -> None:
    pull = get(acme, "/repos/acme/service-auth/pulls/5")
    reviews = get(acme, "/repos/acme/service-auth/pulls/5/reviews")

    assert pull["commits"] == 2
    assert {review["state"] for review in reviews} == {"APPROVED"}
    assert pull["head"]["sha"] not in {review["commit_id"] for review in reviews}


def test_an_approver_may_have_written_a_part(acme: Sandbox) -> None:
    commits = get(acme, "/repos/acme/service-users/pulls/3/commits")
    reviews = get(acme, "/repos/acme/service-users/pulls/3/reviews")

    assert [commit["author"]["login"] for commit in commits] == ["alice", "bob"]
    assert "bob" in {review["user"]["login"] for review in reviews}


def test_nobody_can_approve_their_own(acme: Sandbox) -> None:
    answer = httpx.post(
        f"{acme.endpoints.api_url}/repos/acme/service-api/pulls/5/reviews",
        headers={"Authorization": "Bearer sandbox-carol"},
        json={"event": "APPROVE"},
    )

    assert answer.status_code == 422


def test_a_conflict_with_the_base_is_one(acme: Sandbox) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        git(acme, "acme/service-api", "merge-tree", "--write-tree", "main", "problem-details")


def test_rivals_conflict_with_each_other_and_not_with_the_base(acme: Sandbox) -> None:
    git(acme, "acme/service-data", "merge-tree", "--write-tree", "main", "amounts-in-cents")
    git(acme, "acme/service-data", "merge-tree", "--write-tree", "main", "amounts-with-currency")

    with pytest.raises(subprocess.CalledProcessError):
        git(acme, "acme/service-data", "merge-tree", "--write-tree", "amounts-in-cents", "amounts-with-currency")


@pytest.mark.parametrize("seeded", repositories(), ids=lambda seeded: seeded.repository)
def test_every_gate_passes_on_the_base(acme: Sandbox, seeded: SeededRepository, tmp_path: Path) -> None:
    results = run_gates(acme, seeded, "main", tmp_path / "main")

    assert set(results.values()) == {0}


@pytest.mark.parametrize(
    ("repository", "branch", "gate"),
    [
        ("service-auth", "shorter-tokens", "tests"),
        ("web-portal", "invoices-as-pdf", "license-check"),
    ],
)
def test_a_bad_pull_request_fails_one_gate(
    acme: Sandbox, tmp_path: Path, repository: str, branch: str, gate: str
) -> None:
    (seeded,) = (one for one in repositories() if one.repository == repository)
    results = run_gates(acme, seeded, branch, tmp_path / branch)

    assert {name: result for name, result in results.items() if result != 0} == {gate: 1}


def test_staging_is_cold_once(acme: Sandbox, tmp_path: Path) -> None:
    (seeded,) = (one for one in repositories() if one.repository == "service-data")
    first = run_gates(acme, seeded, "read-from-primary", tmp_path / "first")
    second = run_gates(acme, seeded, "read-from-primary", tmp_path / "second")

    assert (first["integration-tests"], second["integration-tests"]) == (75, 0)


def test_renaming_and_exporting_pass_alone(acme: Sandbox, tmp_path: Path) -> None:
    (seeded,) = (one for one in repositories() if one.repository == "service-api")
    renaming = run_gates(acme, seeded, "orders-of", tmp_path / "renaming")
    exporting = run_gates(acme, seeded, "export-as-csv", tmp_path / "exporting")

    assert {*renaming.values(), *exporting.values()} == {0}


def test_two_sandboxes_hold_the_same_commits(acme: Sandbox) -> None:
    with Sandbox(seed="acme", object_store=False) as other:
        heads = git(other, "acme/web-portal", "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads")

    assert heads == git(acme, "acme/web-portal", "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads")


def test_a_restart_does_not_seed_again(tmp_path: Path) -> None:
    with Sandbox(seed="acme", data=tmp_path, object_store=False):
        pass
    with Sandbox(seed="acme", data=tmp_path, object_store=False) as sandbox:
        pulls = get(sandbox, "/repos/acme/service-users/pulls")

    assert len(pulls) == 6


def test_a_directory_that_was_seeded_by_half_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with Sandbox(seed="acme", data=tmp_path, object_store=False):
        (tmp_path / "seeded-acme").unlink()

    with pytest.raises(SandboxNotReadyError), Sandbox(seed="acme", data=tmp_path, object_store=False):
        pass

    assert f"AcmeCorp could not be built, see above; begin again without {tmp_path}" in capfd.readouterr().err
