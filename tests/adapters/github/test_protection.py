"""What guards a branch, as the code host shows it to those who may see it, and to those who may not."""

from typing import Any

import pytest

from tasks.adapters.github import GitHubCodeHost
from tasks.domain.errors import CodeHostError, CodeHostRefused, RateLimited
from tasks.domain.protection import Bypass, Guard, Protection, Reach, Unread
from tests.adapters.github.scripted import Answer, Scripted
from tests.adapters.github.world import Repository, World, Written

MAY_READ = "the permission administration: read"
MAY_CHANGE = "the permission administration: write (for an organization's ruleset, that of the organization)"
CLASSIC: dict[str, Any] = {
    "enforce_admins": True,
    "required_pull_request_reviews": {
        "required_approving_review_count": 2,
        "dismiss_stale_reviews": True,
        "require_code_owner_reviews": True,
        "require_last_push_approval": True,
        "bypass_pull_request_allowances": {"users": ["bob"], "teams": [], "apps": ["merge-hub"]},
    },
    "required_status_checks": {"strict": True, "contexts": ["unit", "lint"]},
    "required_linear_history": True,
    "required_signatures": True,
}
RULES: list[dict[str, Any]] = [
    {
        "type": "pull_request",
        "parameters": {
            "required_approving_review_count": 1,
            "dismiss_stale_reviews_on_push": True,
            "require_code_owner_review": False,
            "require_last_push_approval": False,
            "required_review_thread_resolution": False,
        },
    },
    {
        "type": "required_status_checks",
        "parameters": {
            "required_status_checks": [{"context": "unit"}],
            "strict_required_status_checks_policy": False,
        },
    },
    {"type": "required_linear_history"},
    {"type": "required_signatures"},
    {"type": "non_fast_forward"},
    {"type": "deletion"},
]


@pytest.fixture
def repository(world: World) -> Repository:
    return world.repository()


def read(code_host: GitHubCodeHost, repository: Repository, branch: str = "main") -> Protection:
    return code_host.protection(repository.name, repository.identifier, branch)


def may_change(world: World, repository: Repository) -> None:
    hub = {"login": "merge-hub[bot]", "type": "Bot", "permissions": {repository.name: "admin"}}
    world.tell(users=[hub])


def test_a_branch_that_nothing_guards_says_so(code_host: GitHubCodeHost, repository: Repository) -> None:
    assert read(code_host, repository) == Protection("main", ())


def test_classic_protection_is_one_guard(code_host: GitHubCodeHost, repository: Repository) -> None:
    repository.world.tell(protection={repository.name: {"main": CLASSIC}})
    bob = repository.world.rest("GET", "/users/bob")["id"]

    (guard,) = read(code_host, repository).guards

    assert guard == Guard(
        name="branch protection",
        reviews=2,
        dismiss_stale=True,
        last_push_approval=True,
        code_owner_review=True,
        checks=("lint", "unit"),
        strict_checks=True,
        linear_history=True,
        signed_commits=True,
        block_force_push=True,
        block_deletion=True,
        bypass=guard.bypass,
        discloses=MAY_READ,
    )
    assert Bypass(f"user:{bob}", Reach.REVIEWS, "bob") in (guard.bypass or ())
    assert [(each.actor.split(":")[0], each.name) for each in guard.bypass or ()] == [
        ("app", "merge-hub"),
        ("user", "bob"),
    ]


def test_classic_protection_that_is_not_enforced_on_administrators_says_so(
    code_host: GitHubCodeHost, repository: Repository
) -> None:
    lax = {"enforce_admins": False, "allow_force_pushes": True, "allow_deletions": True}
    repository.world.tell(protection={repository.name: {"main": lax}})

    (guard,) = read(code_host, repository).guards

    assert guard == Guard("branch protection", bypass=(Bypass("role:admin", Reach.MERGING),), discloses=MAY_READ)


def test_each_active_ruleset_is_a_guard_with_who_may_bypass_it(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    actors = [
        {"actor_id": 7, "actor_type": "Integration", "bypass_mode": "always"},
        {"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "pull_request"},
        {"actor_id": 77, "actor_type": "RepositoryRole"},
        {"actor_id": 1, "actor_type": "OrganizationAdmin", "bypass_mode": "exempt"},
        {"actor_id": None, "actor_type": "DeployKey"},
    ]
    strict = {"name": "Strict", "rules": RULES, "bypass_actors": actors}
    others = [{"name": mode, "rules": RULES, "enforcement": mode} for mode in ("evaluate", "disabled")]
    world.tell(rulesets={repository.name: [strict, *others]})
    may_change(world, repository)

    found = read(code_host, repository)

    (guard,) = found.guards
    assert guard == Guard(
        name=guard.name,
        reviews=1,
        dismiss_stale=True,
        checks=("unit",),
        linear_history=True,
        signed_commits=True,
        block_force_push=True,
        block_deletion=True,
        bypass=(
            Bypass("app:7", Reach.EVERYTHING),
            Bypass("deploy-keys", Reach.EVERYTHING),
            Bypass("organization-admins", Reach.EVERYTHING),
            Bypass("role:77", Reach.EVERYTHING),
            Bypass("role:admin", Reach.MERGING),
        ),
        discloses=MAY_CHANGE,
    )
    assert guard.name.startswith("ruleset Strict (")
    assert read(code_host, repository, "other").guards == ()


def test_who_may_bypass_a_ruleset_is_unknown_to_those_who_may_not_change_it(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    world.tell(rulesets={repository.name: [{"name": "main", "rules": RULES}]})

    assert [guard.bypass for guard in read(code_host, repository).guards] == [None]


@pytest.mark.parametrize("status", [403, 404])
def test_what_is_kept_from_us_is_unknown(
    code_host: GitHubCodeHost, repository: Repository, world: World, status: int
) -> None:
    world.tell(rulesets={repository.name: [{"name": "main", "rules": [{"type": "deletion"}]}]})
    world.fails("GET", "*/protection", status=status, times=1)
    world.fails("GET", "*/rulesets/*", status=status, times=1)

    found = read(code_host, repository)

    assert found.unread == (Unread("branch protection", MAY_READ),)
    assert [(guard.name.split()[0], guard.block_deletion, guard.bypass) for guard in found.guards] == [
        ("ruleset", True, None)
    ]


def test_a_code_host_that_has_no_rulesets_leaves_them_unknown(
    code_host: GitHubCodeHost, repository: Repository, world: World
) -> None:
    world.fails("GET", "*/rules/branches/*", status=404, times=1)

    assert read(code_host, repository).unread == (Unread("its rulesets", "the permission metadata: read"),)


def test_many_rules_are_read_to_their_end(code_host: GitHubCodeHost, repository: Repository, world: World) -> None:
    many = [{"name": f"set {number}", "rules": [{"type": "creation"}] * 50} for number in range(2)]
    world.tell(rulesets={repository.name: [*many, {"name": "last", "rules": [{"type": "deletion"}]}]})

    assert [guard.block_deletion for guard in read(code_host, repository).guards] == [False, False, True]


def test_a_branch_may_be_called_as_git_allows(code_host: GitHubCodeHost, repository: Repository) -> None:
    repository.push({"release/1#0": [Written()]})
    repository.world.tell(protection={repository.name: {"release/1#0": {}}})

    assert [guard.name for guard in read(code_host, repository, "release/1#0").guards] == ["branch protection"]


ENDLESS = {"Link": '<https://api.example.org/rules?page=2>; rel="next"'}
NONE = Answer(404, {"message": "Branch not protected"})


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([Answer(403, {"message": "API rate limit exceeded"})], RateLimited),
        ([Answer(429, {"message": "wait"})], RateLimited),
        ([Answer(200, {"enforce_admins": True})], CodeHostRefused),
        ([Answer(200, {"required_status_checks": {"contexts": "unit"}})], CodeHostRefused),
        ([Answer(200, [])], CodeHostRefused),
        ([NONE, Answer(200, {})], CodeHostRefused),
        ([NONE, Answer(200, [{"type": "deletion"}])], CodeHostRefused),
        ([NONE, Answer(200, [{"type": 5, "ruleset_id": 1}])], CodeHostRefused),
        ([NONE, Answer(200, [{"type": "deletion", "ruleset_id": 1}]), Answer(200, {"name": "x"})], CodeHostRefused),
        ([NONE, Answer(200, [{"type": "deletion", "ruleset_id": 1}], ENDLESS)], CodeHostRefused),
    ],
)
def test_an_answer_that_cannot_be_understood_is_no_protection(
    scripted: Scripted, scripted_code_host: GitHubCodeHost, answers: list[Answer], error: type[CodeHostError]
) -> None:
    scripted.says(*answers)

    with pytest.raises(error):
        scripted_code_host.protection("acme/web", "1", "main")  # type: ignore[arg-type]


def test_what_an_answer_leaves_out_is_not_demanded(scripted: Scripted, scripted_code_host: GitHubCodeHost) -> None:
    rules = [{"type": "pull_request", "ruleset_id": 1}, {"type": "required_status_checks", "ruleset_id": 1}]
    scripted.says(Answer(200, {}), Answer(200, rules), Answer(200, {"name": "\x1b[31m", "enforcement": "active"}))

    found = scripted_code_host.protection("acme/web", "1", "main")  # type: ignore[arg-type]

    assert found.guards == (
        Guard("branch protection", bypass=None, discloses=MAY_READ),
        Guard("ruleset [31m (1)", reviews=0, bypass=None, discloses=MAY_CHANGE),
    )
