"""Stories in which something goes wrong after it has landed, or in part: what is taken back, and what cannot be."""

from collections.abc import Callable

from tasks.crash_points import CrashPoint
from tests.flows.crash_stories import OF_CLOSING, OF_ROLLBACK, OF_TROUBLE, Story, all_but, one_team
from tests.flows.hub import NOT_BROKEN, Configuration
from tests.flows.world import Organization, Repository

IN_SET = "Change-set: pay-1"
SMOKE = {"name": "smoke", "command": "test ! -e smoking"}
AGREE = {
    "name": "contract",
    "together": True,
    "command": 'cd "$MERGE_HUB_CHANGE_SET" && cat */*/version | sort -u | wc -l | grep -qx 1',
}
_DECLINES = "#!/bin/sh\necho 'main is protected' >&2\nexit 1\n"
# Somebody pushes behind the first landing, so that what is left after taking back was never gated.
_PUSHES_BEHIND = """#!/bin/sh
test -e pushed && exit 0
touch pushed
export GIT_AUTHOR_NAME=e GIT_AUTHOR_EMAIL=e@e.e GIT_AUTHOR_DATE='1741000000 +0000'
export GIT_COMMITTER_NAME=e GIT_COMMITTER_EMAIL=e@e.e GIT_COMMITTER_DATE='1741000000 +0000'
export GIT_INDEX_FILE=index-of-somebody
git read-tree refs/heads/main
git update-index --add --cacheinfo 100644,$(echo more | git hash-object -w --stdin),{path}
git update-ref refs/heads/main $(git commit-tree -m more -p refs/heads/main $(git write-tree))
"""


def hook(repository: Repository, name: str, script: str) -> None:
    path = repository.directory / "hooks" / name
    path.write_text(script)
    path.chmod(0o755)


def _turned_back(*branches: str) -> Callable[[Organization], None]:
    def plant(organization: Organization) -> None:
        api = organization.repository("api")
        for branch in branches:
            api.pull_request(branch)
        hook(api, "post-receive", f'#!/bin/sh\nrm -- "$0"\ngit update-ref refs/heads/main {api.tip()}\n')

    return plant


def turned_back(method: str, *branches: str, **policies: object) -> Story:
    """Somebody puts the branch back where it was in the moment in which something lands."""
    return Story(
        name=f"turned-back-{method}",
        plant=_turned_back(*branches),
        configure=one_team(method=method, **policies),
        elsewhere=all_but(CrashPoint.AFTER_TREE_ALERT),
        problems=None,
        # Nothing failed but the process: that the repository was stopped did not come about.
        spared=("repository-failed",),
    )


def _something_to_take_back(organization: Organization) -> None:
    api = organization.repository("api")
    api.pull_request("good")
    api.pull_request("bad", {"smoking": "yes\n"})
    hook(api, "post-receive", _PUSHES_BEHIND.format(path="more.txt"))


def _a_batch_to_take_back(organization: Organization) -> None:
    """It fails once it has landed, one more needs it, and another one does well."""
    api = organization.repository("api")
    api.pull_request("good")
    api.pull_request("bad", {"smoking": "yes\n"})
    api.pull_request("needing", depends_on=["#1"])
    api.pull_request("other")


def _something_built_upon(organization: Organization) -> None:
    api = organization.repository("api")
    api.pull_request("bad", {"smoking": "yes\n"})
    api.pull_request("good")
    hook(api, "post-receive", _PUSHES_BEHIND.format(path="smoking"))


def _something_that_mended(organization: Organization) -> None:
    api = organization.repository("api", {"broken": "already\n"})
    api.pull_request("mending", {"broken": None, "smoking": "yes\n"})


def _something_behind_a_protection(organization: Organization) -> None:
    api = organization.repository("api")
    api.pull_request("bad", {"smoking": "yes\n"})
    hook(api, "pre-receive", _DECLINES)


def _looks_again(**policies: object) -> Callable[[Configuration, Organization], None]:
    def configure(config: Configuration, organization: Organization) -> None:
        said = {"rollback_on_gate_failure": True, **policies}
        config.team("team-a", *organization.repositories, policies=said, post_landing=[SMOKE])

    return configure


def _not_taken_back(
    name: str, plant: Callable[[Organization], None], *more: CrashPoint, exact: bool = True, **policies: object
) -> Story:
    points = (CrashPoint.AFTER_POST_LANDING_RECORDS, CrashPoint.AFTER_ROLLBACK_FAILURE, *more)
    return Story(name, plant, _looks_again(**policies), all_but(*points), None, exact)


def _a_change_set(organization: Organization) -> None:
    """Over the repositories of two teams; each has something beside it."""
    api, web = (organization.repository(name) for name in ("api", "web"))
    api.pull_request("needing", body=IN_SET, depends_on=[f"{web.full_name}#1"])
    web.pull_request("needed", body=IN_SET)
    api.pull_request("beside")


def _a_team_each(config: Configuration, organization: Organization) -> None:
    for at, repository in enumerate(organization.repositories):
        config.team(f"team-{'ab'[at]}", repository, policies={"method": ("merge", "squash")[at]})


def _versions_that_agree(organization: Organization) -> None:
    for name in ("api", "web"):
        repository = organization.repository(name, {"version": "1\n"})
        repository.pull_request("next", {"version": "2\n"}, body=IN_SET)
        repository.pull_request("beside")


def _gated_together(config: Configuration, organization: Organization) -> None:
    for at, repository in enumerate(organization.repositories):
        gates = (NOT_BROKEN, AGREE) if at == 0 else (NOT_BROKEN,)
        config.team(f"team-{at}", repository, gates=gates, policies={"method": "rebase"})


def _a_chain(organization: Organization) -> None:
    """A set of three repositories, of which each needs the one before."""
    api, docs, web = (organization.repository(name) for name in ("api", "docs", "web"))
    api.pull_request("first", body=IN_SET)
    docs.pull_request("second", body=IN_SET, depends_on=[f"{api.full_name}#1"])
    web.pull_request("third", body=IN_SET, depends_on=[f"{docs.full_name}#1"])


def _a_chain_that_breaks(organization: Organization) -> None:
    """The last one cannot land."""
    _a_chain(organization)
    hook(organization.repositories[-1], "pre-receive", _DECLINES)


def _compensated(method: str) -> Callable[[Configuration, Organization], None]:
    def configure(config: Configuration, organization: Organization) -> None:
        config.team("team-a", *organization.repositories, policies={"method": method})
        config.global_["change_sets"] = {"compensate": True}

    return configure


def _trouble_in_one_team(organization: Organization) -> None:
    """A stack, somebody who pushes at the landing, a new name, a red branch."""
    api = organization.repository("api")
    api.pull_request("lower")
    api.pull_request("upper", onto="lower", depends_on=["#1"])
    _moves_at_the_first_landing(api)
    api.rename("gateway")
    organization.repository("legacy", {"broken": "already\n"}).pull_request("harmless")


def _trouble_with_a_set(organization: Organization) -> None:
    """What is renamed and moved holds one part of a change set, all of which waits for the repository that is gone."""
    _a_chain(organization)
    for repository in organization.repositories[:2]:
        repository.pull_request("beside")
        _moves_at_the_first_landing(repository)
    organization.repositories[0].rename("gateway")
    organization.repository("legacy", {"broken": "already\n"}).pull_request("harmless")


def _moves_at_the_first_landing(repository: Repository) -> None:
    repository.commit("hotfix", {"hotfix.txt": "now\n"}, by="erin")
    moves = "git update-ref refs/heads/main refs/heads/hotfix"
    unset = "unset GIT_QUARANTINE_PATH"
    hook(repository, "pre-receive", f"#!/bin/sh\ntest -e moved && exit 0\ntouch moved\n{unset}\n{moves}\n")


def _with_one_that_is_gone(method: str, renamed: str) -> Callable[[Configuration, Organization], None]:
    def configure(config: Configuration, organization: Organization) -> None:
        names = [each.full_name.replace(f"/{renamed}", "/api") for each in organization.repositories]
        config.team("team-a", *names, f"{organization.login}/gone", policies={"method": method})

    return configure


_OF_A_SET = (
    CrashPoint.AFTER_GATE_RECORDS,
    CrashPoint.AFTER_COMPLIANCE,
    CrashPoint.AFTER_INTENT,
    CrashPoint.AFTER_PUSH,
    CrashPoint.AFTER_LANDING_RECORD,
    CrashPoint.AFTER_OUTCOME_RECORDS,
    CrashPoint.AFTER_SET_INTENT,
    CrashPoint.AFTER_SET_COMPLETED,
)
"""Those between which the members of a change set can be torn apart."""

_OF_A_LANDING = (
    CrashPoint.AFTER_GROUNDS,
    CrashPoint.AFTER_PUSH,
    CrashPoint.AFTER_LANDING_RECORD,
    CrashPoint.AFTER_CLOSING,
    CrashPoint.AFTER_OUTCOME_RECORDS,
)
_OF_A_BROKEN_SET = (
    CrashPoint.AFTER_SET_INTENT,
    CrashPoint.AFTER_SET_BROKEN,
    CrashPoint.AFTER_ROLLBACK_INTENT,
    CrashPoint.AFTER_ROLLBACK_PUSH,
    CrashPoint.AFTER_ROLLBACK_COMMENT,
    CrashPoint.AFTER_ROLLBACK_RECORD,
    CrashPoint.AFTER_SET_COMPENSATED,
)

TREES = (
    turned_back("merge", "one"),
    turned_back("squash", "one", "two"),
    turned_back("rebase", "one", "two", max_prs_per_batch=1, rollback_on_gate_failure=True),
)
ROLLED_BACK = Story(
    "rolled-back", _something_to_take_back, _looks_again(max_prs_per_batch=1), all_but(*OF_ROLLBACK), None
)
BATCHES = tuple(
    Story(
        f"taken-back-{method}",
        _a_batch_to_take_back,
        _looks_again(method=method, max_prs_per_batch=2),
        all_but(*OF_ROLLBACK, *_OF_A_LANDING),
        None,
    )
    for method in ("merge", "squash", "rebase")
)
NOT_TAKEN_BACK = (
    _not_taken_back("built-upon", _something_built_upon),
    _not_taken_back("mended", _something_that_mended, CrashPoint.AFTER_ROLLBACK_GATES, method="squash"),
    _not_taken_back(
        "protected", _something_behind_a_protection, CrashPoint.AFTER_ROLLBACK_INTENT, exact=False, landing="api"
    ),
)
SETS = (
    Story("together", _a_change_set, _a_team_each, all_but(*_OF_A_SET, *OF_CLOSING)),
    Story("agreed", _versions_that_agree, _gated_together, all_but(*_OF_A_SET, *OF_CLOSING)),
    Story("chain", _a_chain, _compensated("merge"), all_but(*_OF_A_SET)),
)
BROKEN_SETS = tuple(
    Story(f"broken-{method}", _a_chain_that_breaks, _compensated(method), all_but(*_OF_A_BROKEN_SET), None)
    for method in ("merge", "squash", "rebase")
)
TROUBLES = (
    Story("troubled", _trouble_in_one_team, _with_one_that_is_gone("merge", "gateway"), all_but(*OF_TROUBLE), 1),
    Story("troubled-set", _trouble_with_a_set, _with_one_that_is_gone("rebase", "gateway"), all_but(*OF_TROUBLE), 1),
)
INCIDENTS = (*TREES, ROLLED_BACK, *BATCHES, *NOT_TAKEN_BACK, *SETS, *BROKEN_SETS, *TROUBLES)
