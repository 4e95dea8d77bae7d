"""A few demands of each check, and worlds to judge by them: small, and so that each check says yes and no."""

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import cel  # noqa: F401 -- it draws random numbers while it is loaded, which nothing may do within a property test
from pydantic import TypeAdapter

from config.schema import BASELINE_POLICIES, AnyRule, Check, Exclusion, Filters, Rule
from tasks.domain.checks.gating import Proof
from tasks.domain.compliance import Finding, evaluate
from tasks.domain.facts import Facts, facts_of
from tasks.domain.gates import Verdict
from tasks.domain.model import (
    Circumstances,
    Contribution,
    CredentialAge,
    FileChange,
    Login,
    OwnersFile,
    PullRequest,
    ReviewState,
)
from tasks.domain.protection import Bypass, CommitSignature, Guard, Protection, Reach, Unread
from tests.domain.builders import (
    BASE,
    NOON,
    approval,
    candidate,
    commit,
    evaluation,
    gate,
    gate_result,
    pull_request,
    review,
    rules,
    sha,
    tree,
)

ABSENT: Any = object()
DEMANDS: dict[Check, dict[str, list[Any]]] = {
    Check.APPROVALS: {
        "min": [ABSENT, 1, 2, 3],
        "from_people": [ABSENT, ["carol"], ["Carol", "dave"], ["erin"]],
        "from_groups": [ABSENT, ["leads"], ["leads", "ghosts"]],
        "on_final_commit": [ABSENT, True],
        "exclude": [ABSENT, *Exclusion],
        "everybody_known": [ABSENT, False, True],
    },
    Check.REVIEWERS: {},
    Check.CODE_OWNERS: {"every_path_owned": [ABSENT, False, True]},
    Check.LABELS: {
        "none_of": [ABSENT, ["hold"], ["HOLD"], ["hold", "wip"]],
        "all_of": [ABSENT, ["ready"], ["Ready"], ["ready", "qa"]],
    },
    Check.GATES: {"passed": [ABSENT, "required", ["unit"], ["unit", "e2e"], ["docs"]]},
    Check.AUDIT_TRAIL: {},
    Check.PATHS: {
        "none_of": [ABSENT, ["secret/"], ["secret/", "*.lock"]],
        "only": [ABSENT, ["src/"], ["src/", "*.lock"]],
    },
    Check.CHANGE_SIZE: {
        "max_lines": [ABSENT, 3, 9],
        "max_files": [ABSENT, 1, 2],
        "ignore": [ABSENT, ["*.lock"], ["*.lock", "src/"]],
    },
    Check.TICKET: {"pattern": ["ACME-[0-9]+", "[A-Z]+-1"], "in": [ABSENT, ["title"], ["title", "body"], ["branch"]]},
    Check.FRESHNESS: {"max_commits_behind": [ABSENT, 0, 2, 5], "max_days_behind": [ABSENT, 1, 10]},
    Check.TESTED_TREE: {},
    Check.LINEAR_HISTORY: {},
    Check.TOKEN_AGE: {"max_days": [ABSENT, 30, 120]},
    Check.RULESET: {
        "required_reviews": [ABSENT, 1, 2],
        "required_checks": [ABSENT, ["ci"], ["ci", "lint"]],
        "strict_checks": [ABSENT, True],
        "dismiss_stale": [ABSENT, True],
        "block_force_push": [ABSENT, True],
        "allowed_bypass": [ABSENT, ["role:admin"], ["role:admin", "app:7"], ["anybody"]],
    },
    Check.SIGNED_COMMITS: {
        "signers": [ABSENT, ["alice"], ["Alice", "bob"]],
        "by_host": [ABSENT, True, False],
    },
    Check.EXPRESSION: {
        "expression": ["change.lines < 5", "approvals.teams.size() > 0"],
        "teams": [ABSENT, ["leads"], ["ghosts"]],
    },
}
"""Of each parameter the values that are tried; every check of the registry is here."""

_RULE: TypeAdapter[AnyRule] = TypeAdapter(Rule)
GATES = (gate("unit"), gate("e2e"), gate("docs", required=False))
_BY = rules(gates=GATES)
LEADS = {"leads": frozenset({Login("carol"), Login("erin")})}
OWNERS = ("* @carol", "/src/ @dave @leads\n/secret/ @ghosts/all", "/src/ @acme/leads\n*.lock")


def rule_of(check: Check, parameters: dict[str, Any], **outline: Any) -> AnyRule:
    """Raises ValidationError where those parameters contradict each other."""
    said = {key: value for key, value in parameters.items() if value is not ABSENT}
    document = {"id": "T-001", "title": "A rule", "check": check.value, "severity": "high", "with": said}
    rule: AnyRule = _RULE.validate_python(document | outline)
    return rule


def judged(rule: AnyRule, facts: Facts, required_approvals: int = 1) -> Finding:
    filters = Filters.model_construct(required_approvals=required_approvals, required_reviewers=("leads",))
    policy = BASELINE_POLICIES[0].model_copy(update={"rules": (rule,)})
    (pull,) = facts.pull_requests
    by = replace(_BY, filters=filters, policies=(policy,))
    (finding,) = evaluate(pull, by, facts.circumstances, facts.proof).findings
    return finding


def dice_of(seed: int) -> Random:
    return Random(seed)  # noqa: S311 -- no secret is made of it


def world(seed: int) -> Facts:
    """The same for the same seed. Everything in it is known, but for what happens not to be so now and then."""
    dice = dice_of(seed)
    pull = _pull_request(dice)
    contribution = Contribution(
        head=pull.head,
        base=BASE,
        files=tuple(FileChange(path, dice.choice((1, 2, 4, None))) for path in _some(dice, PATHS) or PATHS[:1]),
        complete=True,
        commits=(pull.head,),
        merges=dice.choice(((), (), (pull.head,))),
        behind=(behind := dice.choice((0, 1, 4, 9))),
        behind_since=NOON - timedelta(days=dice.choice((0, 5, 20))) if behind else None,
    )
    known = Circumstances(
        at=NOON,
        groups=LEADS,
        contributions={1: contribution},
        owners=OwnersFile("CODEOWNERS", dice.choice(OWNERS)),
        trees={candidate(1).commit: dice.choice((tree(1), tree(1), tree(2)))},
        protection=Protection("main", tuple(_guard(dice, name) for name in ("one", "other")), _unread(dice)),
        signatures={} if dice.random() < 0.1 else {pull.head: _signature(dice)},
        credential=CredentialAge("f", dice.choice((10, 60, 200, None)), dice.choice((0, 60))),
    )
    passed = _some(dice, ("unit", "e2e", "docs"))
    verdicts = {each.name: Verdict.PASSED if each.name in passed else Verdict.FAILED for each in GATES}
    results = tuple(gate_result(each.name, verdicts[each.name], required=each.required) for each in GATES)
    return facts_of((pull,), _BY, known, Proof(evaluation(1, results=results), frozenset(passed)))


PATHS = ("src/app.py", "secret/key", "poetry.lock", "README.md")


def _some(dice: Random, things: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in things if dice.random() < 0.7)


def _pull_request(dice: Random) -> PullRequest:
    people = _some(dice, ("alice", "bob", "carol", "dave", "erin"))
    reviews = [approval(each, commit=dice.choice((sha(1), sha(1), sha(1), sha(99)))) for each in people]
    if dice.random() < 0.1:
        reviews.append(review("frank", ReviewState.CHANGES_REQUESTED))
    texts = ("tidy up", "ACME-1 tidy up", "OTHER-1")
    made = pull_request(
        title=dice.choice(texts),
        body=dice.choice(texts),
        labels=_some(dice, ("ready", "qa", "Ready")) + dice.choice(((), (), ("hold",), ("wip",))),
        reviews=tuple(reviews),
        commits=(commit("alice"), commit(dice.choice(("alice", "bob", "carol", None)), sha=sha(2))),
    )
    return replace(
        made,
        commit_count=made.commit_count + dice.choice((0, 0, 0, 0, 0, 0, 0, 1)),
        head_branch=dice.choice(("acme-1", "ACME-1")),
        last_pusher=dice.choice((Login("alice"), Login("dave"), None)),
        same_content=frozenset(dice.choice(((), (sha(99),)))),
    )


def _guard(dice: Random, name: str) -> Guard:
    admin, app = Bypass("role:admin", Reach.EVERYTHING), Bypass("app:7", Reach.REVIEWS)
    return Guard(
        name,
        reviews=dice.choice((None, 1, 2)),
        dismiss_stale=dice.random() < 0.7,
        checks=_some(dice, ("ci", "lint")),
        strict_checks=dice.random() < 0.7,
        block_force_push=dice.random() < 0.7,
        bypass=dice.choice(((), (), (admin,), (admin, app), None)),
    )


def _unread(dice: Random) -> tuple[Unread, ...]:
    return (Unread("classic protection", "administration: read"),) if dice.random() < 0.1 else ()


def _signature(dice: Random) -> CommitSignature:
    state = dice.choice(("valid", "valid", "valid", "unsigned", "ocsp_pending"))
    return CommitSignature(state, state == "valid", dice.choice(("alice", "bob", None)), dice.random() < 0.3)
