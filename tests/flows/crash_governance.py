"""Scenes of what people decide: signatures, pauses, reviews that emergencies owe, and what goes around the hub."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tasks.crash_points import CrashPoint
from tests.flows.crash_incidents import IN_SET
from tests.flows.crash_stories import Story, one_team
from tests.flows.hub import Configuration, Hub
from tests.flows.pause import wait_for
from tests.flows.signers import awaited, signer
from tests.flows.test_waivers import POLICY
from tests.flows.world import Organization, PullRequest, Repository

Act = Callable[[Hub], None]
ROLE = "platform-lead"
A_RUN = ("merge",)


def _nothing(_: Hub) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Scene:
    """
    `begin` is what happens before the process that dies at `point`, `task` what that one is told, and `end` what
    happens after it; `again`: whether somebody tells it once more.
    """

    story: Story
    point: CrashPoint
    begin: Act = _nothing
    task: Callable[[Hub], tuple[str, ...]] = lambda _: A_RUN
    again: bool = True
    end: Act = _nothing

    def __str__(self) -> str:
        return f"{self.story}-{self.point.value}"


def _a_plan(organization: Organization) -> None:
    api = organization.repository("api")
    api.pull_request("one")
    api.pull_request("two", depends_on=["#1"])
    api.pull_request("waiting", approved_by=[])


def _a_part_of_a_plan(organization: Organization) -> None:
    """One needs a signature, one conflicts with it, and one is free to land."""
    api = organization.repository("api")
    api.pull_request("auth", {"auth/login.py": "1\n", "shared.txt": "auth\n"})
    api.pull_request("clashing", {"shared.txt": "other\n"})
    api.pull_request("free")


def _a_set(organization: Organization) -> None:
    api, web = (organization.repository(name) for name in ("api", "web"))
    api.pull_request("part", body=IN_SET)
    web.pull_request("part", body=IN_SET)
    web.pull_request("beside")


def _signed(demand: dict[str, object]) -> Callable[[Configuration, Organization], None]:
    """The first repository's team demands it."""

    def configure(config: Configuration, organization: Organization) -> None:
        for at, repository in enumerate(organization.repositories):
            config.team(f"team-{at}", repository, policies={"sign_off": [demand]} if at == 0 else {})
        config.signers = {"people": []}

    return configure


def _hires(hub: Hub) -> None:
    signer(hub, hub.home.parent, "dave", ROLE)


def _asked(hub: Hub) -> None:
    _hires(hub)
    hub.run()


def _signing(hub: Hub) -> tuple[str, ...]:
    (waiting,) = awaited(hub)
    key = hub.home.parent / "key-of-dave"
    return ("command", "sign-off", str(waiting["plan"]), "--role", ROLE, "--key", str(key), "--json")


def _emergencies(*names: str) -> Callable[[Organization], None]:
    """A repository each; the description says why, so that two have approved."""

    def plant(organization: Organization) -> None:
        for name in names:
            repository = organization.repository(name)
            repository.pull_request(
                "urgent", labels=["emergency"], approved_by=["carol", "erin"], body="Emergency: it fails."
            )

    return plant


def _two_emergencies_here(organization: Organization) -> None:
    api = organization.repository("api")
    for name in ("urgent", "as-urgent"):
        api.pull_request(name, labels=["emergency"], approved_by=["carol", "erin"], body="Emergency: it fails.")


def _with_emergencies(review_within: str) -> Callable[[Configuration, Organization], None]:
    def configure(config: Configuration, organization: Organization) -> None:
        config.team("team-a", *organization.repositories)
        config.global_["emergency"] = {"review_within": review_within}
        config.policies = [POLICY]

    return configure


def _landed_and_reviewed(*numbers: int) -> Act:
    """In the first repository, once the second of the landing is over: the code host tells no fractions of it."""

    def act(hub: Hub) -> None:
        hub.run()
        assert len(hub.events_of("emergency.used")) == len(hub.events_of("merge.completed")) > 0
        _wait(1.1)
        for number in numbers:
            PullRequest(hub.organization.repositories[0], number, "urgent", "alice").approve("dave")

    return act


def _landed_and_overdue(hub: Hub) -> None:
    hub.run()
    _wait(1.5)


def _wait(seconds: float) -> None:
    later = time.monotonic() + seconds
    wait_for(lambda: time.monotonic() > later)


def _two_teams(organization: Organization) -> None:
    for name in ("api", "web"):
        repository = organization.repository(name)
        repository.pull_request("one")
        repository.pull_request("bad", {"broken": "yes\n"})


def _a_team_each(config: Configuration, organization: Organization) -> None:
    for at, repository in enumerate(organization.repositories):
        config.team(f"team-{at}", repository)


def _pausing(*scope: str) -> Callable[[Hub], tuple[str, ...]]:
    return lambda _: ("command", "pause", "--reason", "the books are closed", *scope, "--json")


def _pausing_the_first(hub: Hub) -> tuple[str, ...]:
    return _pausing("--repository", hub.organization.repositories[0].full_name)(hub)


def _resuming(_: Hub) -> tuple[str, ...]:
    return ("command", "resume", "--json")


def _around_the_hub(*acts: Callable[[Repository], object]) -> Act:
    """Something lands, and then somebody does each of `acts` to every repository."""

    def act(hub: Hub) -> None:
        hub.run()
        for repository in hub.organization.repositories:
            for each in acts:
                each(repository)

    return act


def _pushes(repository: Repository) -> None:
    repository.commit("main", {"direct.txt": "now\n"}, by="erin")


def _pushes_over(repository: Repository) -> None:
    repository.point("main", repository.git("rev-parse", "main^").strip())


def _merges(repository: Repository) -> None:
    """What nobody approved."""
    pull = repository.pull_request("unseen", approved_by=[])
    repository.rest("PUT", f"/pulls/{pull.number}/merge", {"merge_method": "squash"}, by="erin")


def _reconciling(_: Hub) -> tuple[str, ...]:
    return ("reconcile",)


def _story(
    name: str, plant: Callable[[Organization], None], configure: Callable[[Configuration, Organization], None]
) -> Story:
    """Its commits are not compared: the keys of signers and the moments of pauses are other ones each time."""
    return Story(name, plant, configure, frozenset(CrashPoint), None, exact=False)


_WHOLE = _story("signed", _a_plan, _signed({"role": ROLE}))
_PART = _story("signed-in-part", _a_part_of_a_plan, _signed({"role": ROLE, "when": {"paths": ["auth/**"]}}))
_SET = _story("signed-set", _a_set, _signed({"role": ROLE}))
_SIGNED = (_WHOLE, _PART, _SET)
_OF_REVIEWS = CrashPoint.AFTER_EMERGENCY_REVIEW

SCENES = (
    *(Scene(story, CrashPoint.AFTER_SIGN_OFF_ASKED, _hires) for story in _SIGNED),
    *(Scene(story, CrashPoint.AFTER_SIGN_OFF_GIVEN, _asked, _signing, again=story is _PART) for story in _SIGNED),
    Scene(
        _story("emergency", _emergencies("api", "web"), _with_emergencies("72h")),
        _OF_REVIEWS,
        _landed_and_reviewed(1),
    ),
    Scene(
        _story("two-emergencies", _two_emergencies_here, _with_emergencies("72h")),
        _OF_REVIEWS,
        _landed_and_reviewed(1, 2),
    ),
    Scene(
        _story("emergency-overdue", _two_emergencies_here, _with_emergencies("1s")),
        _OF_REVIEWS,
        _landed_and_overdue,
    ),
    Scene(_story("paused", _two_teams, one_team()), CrashPoint.AFTER_PAUSE, task=_pausing()),
    Scene(
        _story("team-paused", _two_teams, _a_team_each),
        CrashPoint.AFTER_PAUSE,
        task=_pausing("--team", "team-0"),
        again=False,
    ),
    Scene(
        _story("repository-paused", _two_teams, one_team()),
        CrashPoint.AFTER_PAUSE,
        task=_pausing_the_first,
        again=False,
    ),
    *(
        Scene(
            _story(name, _two_teams, one_team()), CrashPoint.AFTER_RECONCILIATION, _around_the_hub(*acts), _reconciling
        )
        for name, acts in (
            ("pushed-around", (_pushes,)),
            ("pushed-over", (_pushes_over, _pushes)),
            ("merged-around", (_merges,)),
        )
    ),
)
