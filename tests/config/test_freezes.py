"""What `config check` says of freezes and of the queue beyond their spelling."""

from datetime import UTC, datetime

from config.check import check
from config.schema import Configuration, GlobalFile, TeamFile
from tests.config.conftest import Write

NOW = datetime(2026, 11, 1, tzinfo=UTC)
TOKEN = {"GITHUB_TOKEN": "sandbox-app"}
TEAM = """\
team: {name: team-a, repos: [acme/service-auth, tools]}
gates: [{name: tests, command: make test}]
"""
ABOUT = "name: launch, reason: the launch, owner: acme/release"


def said(write: Write, files: dict[str, str]) -> list[str]:
    report = check(write({"teams/team-a.yml": TEAM, **files}), TOKEN, NOW)
    return [f"{each.file}:{each.line} {each.key}: {each.message}" for each in (*report.problems, *report.warnings)]


def test_a_freeze_that_is_over_is_told(write: Write) -> None:
    over = f"freezes:\n  - {{{ABOUT}, until: 2026-11-01T00:00:00Z}}\n  - {{{ABOUT}-2, until: 2026-11-01T00:00:01Z}}\n"
    over = over.replace("name: launch, reason: the launch, owner: acme/release-2", "name: second, reason: x, owner: y")

    assert said(write, {"teams/team-a.yml": TEAM + over}) == [
        "teams/team-a.yml:4 freezes[0].until: is over: nothing is frozen by `launch` any more"
    ]


def test_windows_that_leave_no_gap_are_told(write: Write) -> None:
    always = f"organization: {{name: acme}}\nfreezes: [{{{ABOUT}, cron: 0 0 * * *, duration: 24h}}]\n"

    assert said(write, {"global.yml": always}) == [
        "global.yml:2 freezes[0].duration: begins again before `launch` has ended, without end: nothing ever lands"
    ]


def test_a_freeze_of_what_nobody_lands_on_is_refused(write: Write) -> None:
    text = (
        f"organization: {{name: acme}}\nfreezes: [{{{ABOUT}, until: 2027-01-01T00:00:00Z, "
        "repositories: [Tools, acme/service-auht], targets: [main, mian]}]\n"
    )

    assert said(write, {"global.yml": text}) == [
        "global.yml:2 freezes[0].repositories[1]: is `acme/service-auht`, a repository that no team here has",
        "global.yml:2 freezes[0].targets[1]: is `mian`, a branch that nobody here lands on",
    ]


def configuration() -> Configuration:
    about = {"reason": "the launch", "owner": "acme/release", "until": "2027-01-01T00:00:00Z"}
    global_ = GlobalFile.model_validate(
        {
            "organization": {"name": "acme"},
            "freezes": [
                {"name": "all", **about},
                {"name": "tools", **about, "repositories": ["ACME/Tools"]},
                {"name": "release", **about, "targets": ["release"]},
            ],
        }
    )
    team = {"team": {"name": "team-a", "repos": ["tools"]}, "freezes": [{"name": "own", **about}]}
    other = {"team": {"name": "team-b", "repos": ["web"]}, "scope": {"target": "release"}}
    teams = (TeamFile.model_validate(team), TeamFile.model_validate(other))
    return Configuration(global_=global_, teams=teams, digest="sha256:0")


def test_each_repository_has_the_freezes_that_are_about_it_and_its_target() -> None:
    found = configuration()
    names = [
        [freeze.name for freeze in found.freezes_for(team, repository)]
        for team, repository in zip(found.teams, ("acme/tools", "acme/web"), strict=True)
    ]

    assert names == [["all", "tools", "own"], ["all", "release"]]
