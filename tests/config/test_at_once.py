"""What is wrong in one file hides nothing that is wrong in another, and makes nothing up about it."""

from collections.abc import Mapping

import pytest

from config.check import check
from tests.config.conftest import Write

BROKEN = "stage: nowhere\n"
POLICY = "apiVersion: merge-hub/v1\nkind: Policy\nmetadata: {name: quality, owner: platform}\nrules:\n"
TESTS = "gates: [{name: tests, command: make test}]\n"


def team(name: str, repos: str, more: str = "") -> str:
    return f"team: {{name: {name}, repos: [{repos}]}}\n{more}"


def told(write: Write, files: Mapping[str, str]) -> list[str]:
    return [f"{each.file} {each.key}: {each.message}" for each in check(write(files), {}).problems]


def test_every_kind_of_mistake_is_told_in_one_round(write: Write) -> None:
    rule = "  - {id: QUA-001, title: Lint, check: gates, with: {passed: [lint]}, severity: low}\n"
    files = {
        "global.yml": "organization: {name: AcmeCorp}\nglobal_" + TESTS + "execution: {max_workers: 0}\n",
        "access.yml": "teams: {team-a: {repos: [acme/b]}, team-x: {approvers: ['bob smith']}}\n",
        "teams/team-a.yml": team("team-a", "acme/a", TESTS + BROKEN),
        "teams/team-b.yml": team("team-b", "acme/A"),
        "policies/quality.yml": f"{POLICY}{rule}  - {{id: QUA-001, title: Again, check: labels, severity: big}}\n",
    }

    assert told(write, files) == [
        "access.yml teams.team-a.repos[0]: is `acme/b`, which is no repository of team-a",
        "access.yml teams.team-x: is not a configured team",
        'access.yml teams.team-x.approvers[0]: must be a login of the code host, such as `alice`, not "bob smith"',
        "global.yml execution.max_workers: must be at least 1, not 0",
        "policies/quality.yml rules[0].with.passed[0]: is `lint`, a gate that no team has",
        "policies/quality.yml rules[1].id: is `QUA-001` again",
        'policies/quality.yml rules[1].severity: must be one of `low`, `medium`, `high`, `critical`, not "big"',
        "teams/team-a.yml team.repos[0]: is `acme/a`, which access.yml does not grant to team-a",
        "teams/team-a.yml gates[0].name: is `tests`, which global.yml has as a global gate",
        'teams/team-a.yml stage: must be one of `observe`, `gate`, `merge`, not "nowhere"',
        "teams/team-b.yml team.repos[0]: is `acme/A`, which teams/team-a.yml lists already",
    ]


def test_repositories_are_compared_where_the_organization_cannot_be_read(write: Write) -> None:
    files = {
        "global.yml": "organization: [\n",
        "teams/team-a.yml": team("team-a", "acme/a, service"),
        "teams/team-b.yml": team("team-b", "acme/a, Service, acme/service"),
    }

    assert [sentence for sentence in told(write, files) if "global" not in sentence] == [
        "teams/team-b.yml team.repos[0]: is `acme/a`, which teams/team-a.yml lists already",
        "teams/team-b.yml team.repos[1]: is `Service`, which teams/team-a.yml lists already",
    ]


@pytest.mark.parametrize(
    "files",
    [
        {"global.yml": "organization: [\n", "access.yml": "teams: {team-a: {repos: [acme/service-auth, x]}}\n"},
        {"global.yml": "organization: {name: Acme Inc, logn: acme}\n", "teams/team-a.yml": team("team-a", "a")},
        {"access.yml": "teams: {team-b: {}}\n", "teams/team-b.yml": "team: {name: team-b, repos: [\n"},
        {"access.yml": "teams: {team-b: {}}\n", "teams/team-b.yml": "team: {name: Team B, repos: [acme/b]}\n"},
        {"access.yml": "teams: {team-b: {}}\n", "teams/team-b.yml.txt": team("team-b", "acme/b")},
        {"access.yml": "teams: {team-a: {repos: [acme/a]}}\n", "teams/team-a.yml": team("team-a", "acme/a, a/b/c")},
        {"access.yml": "teams: {team-a: {repos: [a/b/c]}}\n"},
        {"access.yml": "teams: {team-a: {repo: []}}\n"},
        {"policies/quality.yml": POLICY + "  - {id: Q-1, title: T, check: gates, with: {passed: [x, 1]}}\n"},
    ],
    ids=lambda files: " ".join(files.values()),
)
def test_what_only_follows_from_a_mistake_is_not_told(files: Mapping[str, str], write: Write) -> None:
    consequences = ("no repository of", "not a configured team", "does not grant", "is no login")
    sentences = told(write, files)

    assert sentences
    assert [each for each in sentences if any(consequence in each for consequence in consequences)] == []


@pytest.mark.parametrize(
    "files",
    [
        {"global.yml": "organization: {name: AcmeCorp}\nglobal_gate: [{name: lint, command: make lint}]\n"},
        {"global.yml": "organization: {name: AcmeCorp}\nglobal_gates: [{nam: lint, command: make lint}]\n"},
        {"teams/team-a.yml": team("team-a", "acme/a", "gate: [{name: lint, command: make lint}]\n")},
        {"teams/team-a.yml": team("team-a", "acme/a", "gates: {lint: make lint}\n")},
        {"teams/team-a.yml": "team: [\n"},
    ],
    ids=lambda files: " ".join(files.values()),
)
def test_a_gate_that_cannot_be_read_is_not_unknown(files: Mapping[str, str], write: Write) -> None:
    rule = "  - {id: QUA-001, title: Lint, check: gates, with: {passed: [lint]}, severity: low}\n"
    sentences = told(write, {**files, "policies/quality.yml": POLICY + rule})

    assert sentences
    assert [each for each in sentences if "a gate that no team has" in each] == []


def test_warnings_of_sound_files_are_told_beside_the_mistakes_of_others(write: Write) -> None:
    files = {
        "global.yml": "organization: {name: AcmeCorp}\naudit: {enabled: false, storag: 1}\n",
        "access.yml": "teams: {team-a: {approvers: [alice]}}\n",
        "teams/team-a.yml": team("team-a", "acme/a", TESTS + "scope: {filters: {required_approvals: 3}}\n"),
        "teams/team-b.yml": team("team-b", "acme/b", BROKEN),
    }
    report = check(write(files), {"GITHUB_TOKEN": "sandbox-app"})

    assert (len(report.problems), [f"{each.file} {each.message}" for each in report.warnings]) == (
        2,
        ["teams/team-a.yml demands 3 approvals, and 1 may approve"],
    )


def test_a_rule_that_demands_more_approvals_than_people_may_give_is_told(write: Write) -> None:
    rule = "  - {id: SEC-001, title: Many, check: approvals, with: {min: 3}, severity: low}\n"
    files = {
        "access.yml": "teams: {team-a: {approvers: [alice, Alice, bob]}}\n",
        "teams/team-a.yml": team("team-a", "acme/a", TESTS),
        "policies/security.yml": POLICY + rule,
    }

    assert [str(each) for each in check(write(files), {"GITHUB_TOKEN": "sandbox-app"}).warnings] == [
        (
            "policies/security.yml:5:57 rules[0].with.min: demands 3 approvals, and 2 may approve for team-a; "
            "add to teams.team-a.approvers in access.yml"
        )
    ]
