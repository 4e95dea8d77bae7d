import pytest

from config.check import CheckReport, check
from tests.config.conftest import Write

GATES = "gates: [{name: tests, command: make test}]\n"
TEAM = "team: {name: team-a, repos: [acme/a]}\n"
POSTING = """\
organization: {name: AcmeCorp}
notifications:
  slack:
    webhook: ${SLACK}
    channels: {failure: incidents}
"""
TOKEN = {"GITHUB_TOKEN": "sandbox-app"}


def warnings(report: CheckReport) -> list[str]:
    return [f"{problem.file}:{problem.line} {problem.key}: {problem.message}" for problem in report.warnings]


def test_a_sound_configuration_has_nothing_to_say(write: Write) -> None:
    assert check(write({"teams/team-a.yml": TEAM + GATES}), TOKEN) == CheckReport((), ())


def test_a_token_that_is_not_set_is_told(write: Write) -> None:
    (warning,) = check(write({"teams/team-a.yml": TEAM + GATES}), {"GITHUB_TOKEN": ""}).warnings

    assert str(warning) == (
        "environment GITHUB_TOKEN: is not set, and the code host asks for it; "
        "set GITHUB_TOKEN in the environment of the process that runs merge-hub"
    )


def test_an_unusable_configuration_and_environment_are_told_together(write: Write) -> None:
    report = check(write({"teams/team-a.yml": "team: x\n"}), {"MERGE_HUB_GIT_URL": "nowhere"})

    assert (report.usable, {problem.file for problem in report.problems}) == (
        False,
        {"environment", "teams/team-a.yml"},
    )


def test_a_team_without_a_required_gate_is_told(write: Write) -> None:
    optional = "gates: [{name: tests, command: make test, required: false}]\n"

    assert warnings(check(write({"teams/team-a.yml": TEAM + optional}), TOKEN)) == [
        "teams/team-a.yml:2 gates: team-a has no required gate and lands nothing"
    ]


def test_a_global_gate_is_a_gate(write: Write) -> None:
    directory = write({"global.yml": "organization: {name: AcmeCorp}\nglobal_" + GATES})

    assert check(directory, TOKEN).warnings == ()


def test_a_variable_that_is_not_set_is_told_with_its_line(write: Write) -> None:
    directory = write({"global.yml": POSTING, "teams/team-a.yml": TEAM + GATES})

    told = "needs the environment variable SLACK, which is not set"
    assert warnings(check(directory, TOKEN)) == [f"global.yml:4 notifications.slack.webhook: {told}"]


def test_a_variable_that_is_set_is_not_told(write: Write) -> None:
    directory = write({"global.yml": POSTING, "teams/team-a.yml": TEAM + GATES})

    assert check(directory, TOKEN | {"SLACK": "https://hooks.example.org"}).warnings == ()


def test_a_secret_in_a_file_is_told_and_not_repeated(write: Write) -> None:
    slack = "  slack: {webhook: 'https://hooks.example.org/hunter2', channels: {audit: audit}}\n"
    email = "  email: {smtp_server: mail, recipients: [a@b], username: hub, password: hunter2}\n"
    text = f"organization: {{name: AcmeCorp}}\nnotifications:\n{slack}{email}"
    report = check(write({"global.yml": text, "teams/team-a.yml": TEAM + GATES}), TOKEN)

    told = "is a secret that everybody who reads this file knows"
    assert warnings(report) == [
        f"global.yml:3 notifications.slack.webhook: {told}",
        f"global.yml:4 notifications.email.password: {told}",
    ]


def test_evidence_that_is_not_kept_is_told(write: Write) -> None:
    text = "organization: {name: AcmeCorp}\naudit: {enabled: false}\n"

    assert warnings(check(write({"global.yml": text, "teams/team-a.yml": TEAM + GATES}), TOKEN)) == [
        "global.yml:2 audit.enabled: is false: without a record nothing lands"
    ]


def test_a_reviewer_who_may_not_approve_is_told(write: Write) -> None:
    filters = "scope: {filters: {required_approvals: 2, required_reviewers: [Alice, lead, acme/security]}}\n"
    files = {"teams/team-a.yml": TEAM + GATES + filters, "access.yml": "teams: {team-a: {approvers: [alice]}}\n"}

    assert warnings(check(write(files), TOKEN)) == [
        "teams/team-a.yml:3 scope.filters.required_approvals: demands 2 approvals, and 1 may approve",
        "teams/team-a.yml:3 scope.filters.required_reviewers[1]: `lead` must approve and is no approver of team-a",
    ]


def test_a_team_that_anybody_may_approve_for_is_told(write: Write) -> None:
    report = check(write({"teams/team-a.yml": TEAM + GATES, "access.yml": "teams: {}\n"}), TOKEN)

    assert warnings(report) == [
        "teams/team-a.yml:1 team.name: team-a has no approvers in access.yml: anybody's approval counts"
    ]


def test_a_gate_that_a_rule_demands_of_a_team_without_it_is_told(write: Write) -> None:
    rule = "  - {id: QUA-001, title: Lint, check: gates, with: {passed: [lint]}, severity: low}\n"
    policy = "apiVersion: merge-hub/v1\nkind: Policy\nmetadata: {name: quality, owner: platform}\nrules:\n"
    linted = "team: {name: team-b, repos: [acme/b]}\ngates: [{name: lint, command: make lint}]\n"
    files = {"teams/team-a.yml": TEAM + GATES, "teams/team-b.yml": linted, "policies/quality.yml": policy + rule}

    assert warnings(check(write(files), TOKEN)) == [
        "teams/team-a.yml:2 gates: team-a has no gate `lint`, which QUA-001 demands"
    ]


@pytest.mark.parametrize(
    ("policies", "told"),
    [
        (
            "rollback_on_gate_failure: true",
            "rollback_on_gate_failure: takes back only trees nobody gated: no required gate runs after a landing",
        ),
        (
            "require_audit_log: false",
            "require_audit_log: is false and has no effect: nothing lands without its record in the audit log",
        ),
        (
            "landing: api, max_prs_per_batch: 5",
            "max_prs_per_batch: has no effect with `landing: api`, which tests and lands one pull request at a time",
        ),
    ],
)
def test_what_a_team_writes_without_effect_is_told(policies: str, told: str, write: Write) -> None:
    report = check(write({"teams/team-a.yml": f"{TEAM}{GATES}policies: {{{policies}}}\n"}), TOKEN)

    assert warnings(report) == [f"teams/team-a.yml:3 policies.{told}"]


@pytest.mark.parametrize(
    "policies",
    ["rollback_on_gate_failure: false", "require_audit_log: true", "landing: api", "max_prs_per_batch: 5"],
)
def test_what_a_team_writes_with_effect_is_not_told(policies: str, write: Write) -> None:
    directory = write({"teams/team-a.yml": f"{TEAM}{GATES}policies: {{{policies}}}\n"})

    assert check(directory, TOKEN).warnings == ()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "organization: {name: AcmeCorp, compliance: [SOC2]}",
            "organization.compliance: has no effect yet: naming a framework checks nothing",
        ),
        (
            "audit: {retention_days: 400}",
            "audit.retention_days: has no effect on a directory, from which anybody who may write there can delete",
        ),
        (
            "notifications: {slack: {webhook: '${GITHUB_TOKEN}'}}",
            "notifications.slack.webhook: has no effect: no channel is named, so nothing is posted",
        ),
    ],
)
def test_what_the_organization_writes_without_effect_is_told(line: str, told: str, write: Write) -> None:
    name = "" if line.startswith("organization") else "organization: {name: AcmeCorp}\n"
    report = check(write({"global.yml": f"{name}{line}\n", "teams/team-a.yml": TEAM + GATES}), TOKEN)

    assert [sentence.split(" ", 1)[1] for sentence in warnings(report)] == [told]


KEPT = """\
organization: {name: AcmeCorp}
notifications:
  slack: {webhook: {type: environment, variable: HOOK}, channels: {audit: audit}}
  email:
    smtp_server: mail
    recipients: [a@b]
    username: hub
    password: {type: vault, address: https://vault, path: mail}
"""


def test_secrets_that_are_kept_elsewhere_are_asked_for_where_what_leads_to_them_is_not_set(write: Write) -> None:
    directory = write({"global.yml": KEPT, "teams/team-a.yml": TEAM + GATES})

    needs = "needs the environment variable VAULT_TOKEN, which is not set"
    assert warnings(check(directory, TOKEN)) == [
        "environment:None HOOK: is not set, and Slack asks for it",
        f"global.yml:8 notifications.email.password.login.token: {needs}",
    ]


def test_a_secret_that_is_too_short_to_be_kept_out_of_a_text_is_told_and_not_repeated(write: Write) -> None:
    directory = write({"global.yml": KEPT, "teams/team-a.yml": TEAM + GATES})
    short = {"HOOK": "h://x/y", "VAULT_TOKEN": "root", "DATABASE_PASSWORD": "hunter2", "PATH": "/bin", "A_TOKEN": ""}
    report = check(directory, TOKEN | short)

    told = "is a secret of fewer than 8 characters, which no log is kept free of"
    assert warnings(report) == [
        f"environment:None {name}: {told}" for name in ("DATABASE_PASSWORD", "HOOK", "VAULT_TOKEN")
    ]
    assert "hunter2" not in str(report)


GUARDS = """\
apiVersion: merge-hub/v1
kind: Policy
metadata: {name: guards, owner: security}
rules:
  - {id: G-1, title: T, check: ruleset, severity: high, with: {linear_history: true, signed_commits: true%s}}
"""


@pytest.mark.parametrize(
    ("how", "allowed", "told"),
    [
        ("{}", "", ["linear_history", "signed_commits"]),
        ("{}", ", allowed_bypass: ['app:7']", []),
        ("{method: squash}", "", ["signed_commits"]),
        ("{method: squash, landing: api}", "", []),
        ("{method: rebase, landing: api}", "", ["signed_commits"]),
    ],
)
def test_a_guard_by_which_the_code_host_refuses_what_the_team_lands_is_told(
    write: Write, how: str, allowed: str, told: list[str]
) -> None:
    directory = write({"teams/team-a.yml": TEAM + GATES + f"policies: {how}\n", "policies/g.yml": GUARDS % allowed})

    assert [problem.key for problem in check(directory, TOKEN).warnings] == [f"rules[0].with.{key}" for key in told]
