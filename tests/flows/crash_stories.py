"""What goes on in organizations while the hub is killed: told the same to any sandbox, so that it holds the same."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from tasks.crash_points import CrashPoint
from tests.flows.hub import NOT_BROKEN, Configuration
from tests.flows.world import Organization, Repository

WHILE_RECOVERING = frozenset(
    {CrashPoint.AFTER_RECOVERED_LANDING, CrashPoint.AFTER_ABANDONED_WORKSPACE, CrashPoint.AFTER_LOST_MESSAGE}
)
"""Only a run that finds another one's death comes to these."""

OF_ROLLBACK = frozenset(
    {
        CrashPoint.AFTER_POST_LANDING_RECORDS,
        CrashPoint.AFTER_ROLLBACK_GATES,
        CrashPoint.AFTER_ROLLBACK_INTENT,
        CrashPoint.AFTER_ROLLBACK_PUSH,
        CrashPoint.AFTER_ROLLBACK_COMMENT,
        CrashPoint.AFTER_ROLLBACK_RECORD,
    }
)
OF_SETS = frozenset(
    {
        CrashPoint.AFTER_SET_INTENT,
        CrashPoint.AFTER_SET_BROKEN,
        CrashPoint.AFTER_SET_COMPENSATED,
        CrashPoint.AFTER_SET_COMPLETED,
    }
)
OF_METRICS = (CrashPoint.AFTER_METRICS_FILE, CrashPoint.AFTER_METRICS)
OF_GOVERNANCE = (
    CrashPoint.AFTER_SIGN_OFF_ASKED,
    CrashPoint.AFTER_SIGN_OFF_GIVEN,
    CrashPoint.AFTER_PAUSE,
    CrashPoint.AFTER_EMERGENCY_REVIEW,
    CrashPoint.AFTER_RECONCILIATION,
)
OF_ANCHORING = (CrashPoint.AFTER_COPY, CrashPoint.AFTER_ANCHOR)
OF_LOST_MESSAGES = (CrashPoint.AFTER_MESSAGE_FAILURE, CrashPoint.AFTER_MESSAGE_UNKNOWN)

ONLY_OF_THEIR_OWN = (
    OF_ROLLBACK
    | OF_SETS
    | {
        CrashPoint.AFTER_ROLLBACK_FAILURE,
        CrashPoint.AFTER_TREE_ALERT,
        *OF_METRICS,
        *OF_LOST_MESSAGES,
        *OF_ANCHORING,
        *OF_GOVERNANCE,
    }
)
"""Each of these needs something that would disturb every other story."""

OF_CLOSING = frozenset({CrashPoint.AFTER_COMMENT, CrashPoint.AFTER_CLOSED})
OF_TROUBLE = frozenset(
    {
        CrashPoint.AFTER_NAME_RECORD,
        CrashPoint.AFTER_RED_BASE_RECORD,
        CrashPoint.AFTER_LANDING_FAILURE,
        CrashPoint.AFTER_FAILURE_RECORD,
    }
)


@dataclass(frozen=True, slots=True)
class Story:
    """
    `elsewhere` are the points that a run of it does not come to; `problems` are those of every undisturbed run, None
    where the first one has others than the next. `spared` are the alerts of what a death keeps from coming about.

    Its commits are not `exact` where the code host makes them, at the time of day that it is.
    """

    name: str
    plant: Callable[[Organization], None]
    configure: Callable[[Configuration, Organization], None]
    elsewhere: frozenset[CrashPoint]
    problems: int | None = 0
    exact: bool = True
    spared: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name

    @property
    def points(self) -> tuple[CrashPoint, ...]:
        return tuple(point for point in CrashPoint if point not in self.elsewhere)


def _every_kind_of_end(organization: Organization) -> None:
    api = organization.repository("api")
    api.pull_request("one")
    api.pull_request("bad", {"broken": "yes\n"})
    api.pull_request("two", depends_on=["#1"])
    api.pull_request("waiting", approved_by=[])
    api.pull_request("clash-1", {"clash.txt": "1\n"})
    api.pull_request("clash-2", {"clash.txt": "2\n"})


def _trouble_everywhere(organization: Organization) -> None:
    """Two teams: a stack, a conflict, a person who pushes, a new name, a red branch, and a repository that is gone."""
    api = organization.repository("api")
    api.pull_request("lower")
    api.pull_request("upper", onto="lower", depends_on=["#1"])
    api.pull_request("clash-1", {"clash.txt": "1\n"})
    api.pull_request("clash-2", {"clash.txt": "2\n"})
    api.commit("hotfix", {"hotfix.txt": "now\n"}, by="erin")
    pushes_at_the_first_landing(api, "hotfix")
    web = organization.repository("web")
    web.pull_request("good")
    web.pull_request("bad", {"broken": "yes\n"})
    web.rename("site")
    organization.repository("legacy", {"broken": "already\n"}).pull_request("harmless")


def pushes_at_the_first_landing(repository: Repository, branch: str) -> None:
    """Somebody moves `main` at the very moment, outside of the quarantine in which git runs the hook."""
    hook = repository.directory / "hooks" / "pre-receive"
    hook.write_text(
        f"#!/bin/sh\ntest -e moved && exit 0\ntouch moved\nunset GIT_QUARANTINE_PATH\n"
        f"git update-ref refs/heads/main refs/heads/{branch}\n"
    )
    hook.chmod(0o755)


def one_team(**policies: object) -> Callable[[Configuration, Organization], None]:
    def configure(config: Configuration, organization: Organization) -> None:
        config.team("team-a", *organization.repositories, policies=policies)

    return configure


def _two_teams(config: Configuration, organization: Organization) -> None:
    api, _, legacy = (f"{organization.login}/{name}" for name in ("api", "site", "legacy"))
    config.team("team-a", api, policies={"method": "squash", "max_prs_per_batch": 3})
    others = (f"{organization.login}/web", legacy, f"{organization.login}/gone")
    config.team(
        "team-b", *others, gates=[NOT_BROKEN, {"name": "lint", "command": "true"}], policies={"method": "rebase"}
    )


MERGED = Story(
    name="merged",
    plant=_every_kind_of_end,
    configure=one_team(max_prs_per_batch=2),
    elsewhere=WHILE_RECOVERING | ONLY_OF_THEIR_OWN | OF_CLOSING | OF_TROUBLE,
)
SQUASHED = Story(
    name="squashed",
    plant=_trouble_everywhere,
    configure=_two_teams,
    elsewhere=WHILE_RECOVERING | ONLY_OF_THEIR_OWN,
    problems=1,
)
BY_THE_HOST = Story(
    name="by-the-host",
    plant=_every_kind_of_end,
    configure=one_team(landing="api", method="squash"),
    elsewhere=WHILE_RECOVERING | ONLY_OF_THEIR_OWN | OF_CLOSING | OF_TROUBLE | {CrashPoint.AFTER_GROUNDS},
    exact=False,
)


def all_but(*points: CrashPoint) -> frozenset[CrashPoint]:
    return frozenset(CrashPoint) - frozenset(points)


def refuses_messages(organization: Organization) -> None:
    """The chat takes none of the tries of one message."""
    for _ in range(3):
        organization.world.ask("POST", "/_sandbox/slack/script", json.loads('{"status": 500}'))
