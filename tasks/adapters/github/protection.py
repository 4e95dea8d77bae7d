"""
What guards a branch: its classic protection, and the active rules on it, ruleset by ruleset.

GitHub shows classic protection to whoever may read the administration of a repository, and says 404 to others as it
does where there is none: only its own words tell them apart. Who may bypass a ruleset it shows to whoever may change
it; to all others the list is absent, which is not an empty one.
"""

from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import quote

from pydantic import Field

from tasks.adapters.github.client import Client
from tasks.adapters.github.failures import Json, Subject, not_understood
from tasks.adapters.github.places import Place
from tasks.adapters.github.shapes import RestShape, parsed
from tasks.domain.dependencies import printable
from tasks.domain.errors import RepositoryMissing
from tasks.domain.protection import Bypass, Guard, Protection, Reach, Unread

RULES_A_PAGE = 100
MOST_PAGES = 50
NOT_PROTECTED = "branch not protected"
CLASSIC = "branch protection"
KEPT = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
_MAY_READ = "the permission administration: read"
_MAY_CHANGE = "the permission administration: write (for an organization's ruleset, that of the organization)"
_ROLES = {2: "maintain", 4: "write", 5: "admin"}
_ACTORS = {"Integration": "app", "RepositoryRole": "role", "Team": "team", "User": "user"}
_GROUPS = {"OrganizationAdmin": "organization-admins", "DeployKey": "deploy-keys"}


class _Switch(RestShape):
    enabled: bool = False


class _Named(RestShape):
    """A person has a login, a team and an App have a slug."""

    id: int
    login: str | None = None
    slug: str | None = None


class _Allowances(RestShape):
    users: list[_Named] = Field(default_factory=list)
    teams: list[_Named] = Field(default_factory=list)
    apps: list[_Named] = Field(default_factory=list)


class _Reviews(RestShape):
    """GitHub leaves the allowances out where there are none."""

    dismiss_stale_reviews: bool = False
    require_code_owner_reviews: bool = False
    require_last_push_approval: bool = False
    required_approving_review_count: int = 0
    bypass_pull_request_allowances: _Allowances = Field(default_factory=_Allowances)


class _Context(RestShape):
    context: str


class _Checks(RestShape):
    strict: bool = False
    contexts: list[str] = Field(default_factory=list)
    checks: list[_Context] = Field(default_factory=list)


class _Classic(RestShape):
    """What is not said is not demanded; that of force pushes and deletion is said where they are allowed."""

    enforce_admins: _Switch | None = None
    required_pull_request_reviews: _Reviews | None = None
    required_status_checks: _Checks | None = None
    required_linear_history: _Switch = Field(default_factory=_Switch)
    required_signatures: _Switch = Field(default_factory=_Switch)
    allow_force_pushes: _Switch | None = None
    allow_deletions: _Switch | None = None


class _Rule(RestShape):
    type: str
    ruleset_id: int
    parameters: Json | None = None


class _RuleReviews(RestShape):
    dismiss_stale_reviews_on_push: bool = False
    require_code_owner_review: bool = False
    require_last_push_approval: bool = False
    required_approving_review_count: int = 0


class _RuleChecks(RestShape):
    required_status_checks: list[_Context] = Field(default_factory=list)
    strict_required_status_checks_policy: bool = False


class _Actor(RestShape):
    actor_type: str
    actor_id: int | None = None
    bypass_mode: str = "always"


class _Ruleset(RestShape):
    name: str
    enforcement: str
    bypass_actors: list[_Actor] | None = None


def read_protection(client: Client, place: Place, branch: str) -> Protection:
    found = [_classic(client, place, branch), *_rulesets(client, place, branch)]
    guards = tuple(each for each in found if isinstance(each, Guard))
    return Protection(branch, guards, tuple(each for each in found if isinstance(each, Unread)))


def _classic(client: Client, place: Place, branch: str) -> Guard | Unread | None:
    subject = Subject(f"the protection of {branch} in {place.repository}", "administration: read")
    path = f"{place.path}/branches/{quote(branch, safe='')}/protection"
    status, document = client.rest("GET", path, None, subject, answers=KEPT)
    if status not in KEPT:
        return _classic_guard(parsed(_Classic, document, subject.name))
    if status == HTTPStatus.NOT_FOUND and document["message"].casefold().rstrip(".") == NOT_PROTECTED:
        return None
    return Unread(CLASSIC, _MAY_READ)


def _classic_guard(shape: _Classic) -> Guard:
    """Force pushes and deletion are refused to administrators as well; all else only where it is enforced on them."""
    reviews = shape.required_pull_request_reviews
    checks = shape.required_status_checks or _Checks()
    names = {*checks.contexts, *(each.context for each in checks.checks)}
    return Guard(
        name=CLASSIC,
        reviews=None if reviews is None else reviews.required_approving_review_count,
        dismiss_stale=reviews is not None and reviews.dismiss_stale_reviews,
        last_push_approval=reviews is not None and reviews.require_last_push_approval,
        code_owner_review=reviews is not None and reviews.require_code_owner_reviews,
        checks=tuple(sorted(names)),
        strict_checks=checks.strict,
        linear_history=shape.required_linear_history.enabled,
        signed_commits=shape.required_signatures.enabled,
        block_force_push=shape.allow_force_pushes is not None and not shape.allow_force_pushes.enabled,
        block_deletion=shape.allow_deletions is not None and not shape.allow_deletions.enabled,
        bypass=_around_classic(shape),
        discloses=_MAY_READ,
    )


def _around_classic(shape: _Classic) -> tuple[Bypass, ...] | None:
    if shape.enforce_admins is None:
        return None
    found = [] if shape.enforce_admins.enabled else [Bypass("role:admin", Reach.MERGING)]
    reviews = shape.required_pull_request_reviews
    listed = reviews.bypass_pull_request_allowances if reviews is not None else _Allowances()
    for kind, actors in (("user", listed.users), ("team", listed.teams), ("app", listed.apps)):
        for actor in actors:
            name = printable(actor.login or actor.slug or "") or None
            found.append(Bypass(f"{kind}:{actor.id}", Reach.REVIEWS, name))
    return tuple(sorted(found, key=lambda bypass: bypass.actor))


def _rulesets(client: Client, place: Place, branch: str) -> list[Guard | Unread]:
    try:
        rules = _rules(client, place, branch)
    except RepositoryMissing:
        return [Unread("its rulesets", "the permission metadata: read")]
    guards = (_ruleset(client, place, number, rules) for number in sorted({rule.ruleset_id for rule in rules}))
    return [guard for guard in guards if guard is not None]


def _rules(client: Client, place: Place, branch: str) -> list[_Rule]:
    """Of rulesets that are active; those of organizations and enterprises are among them."""
    subject = Subject(f"the rules of {branch} in {place.repository}", "metadata: read")
    path, query = f"{place.path}/rules/branches/{quote(branch, safe='')}", f"per_page={RULES_A_PAGE}"
    found: list[_Rule] = []
    for _ in range(MOST_PAGES):
        listed, query = client.listing(f"{path}?{query}", subject)
        found += [parsed(_Rule, each, subject.name) for each in listed]
        if not query:
            return found
    raise not_understood(subject.name, "they go on without end")


def _ruleset(client: Client, place: Place, number: int, rules: Iterable[_Rule]) -> Guard | None:
    """None: it is not enforced any more."""
    subject = Subject(f"ruleset {number} of {place.repository}", "administration: write")
    status, document = client.rest("GET", f"{place.path}/rulesets/{number}", None, subject, answers=KEPT)
    own = [rule for rule in rules if rule.ruleset_id == number]
    if status in KEPT:
        return _guard(f"ruleset {number}", own, None)
    shape = parsed(_Ruleset, document, subject.name)
    if shape.enforcement != "active":
        return None
    actors = shape.bypass_actors
    bypass = None if actors is None else tuple(sorted(map(_bypass, actors), key=lambda each: each.actor))
    return _guard(f"ruleset {printable(shape.name) or number} ({number})", own, bypass)


def _guard(name: str, rules: Iterable[_Rule], bypass: tuple[Bypass, ...] | None) -> Guard:
    by_type: dict[str, list[Json]] = {}
    for rule in rules:
        by_type.setdefault(rule.type, []).append(rule.parameters or {})
    reviews = [parsed(_RuleReviews, each, name) for each in by_type.get("pull_request", ())]
    checks = [parsed(_RuleChecks, each, name) for each in by_type.get("required_status_checks", ())]
    return Guard(
        name=name,
        reviews=max((each.required_approving_review_count for each in reviews), default=None),
        dismiss_stale=any(each.dismiss_stale_reviews_on_push for each in reviews),
        last_push_approval=any(each.require_last_push_approval for each in reviews),
        code_owner_review=any(each.require_code_owner_review for each in reviews),
        checks=tuple(sorted({check.context for each in checks for check in each.required_status_checks})),
        strict_checks=any(each.strict_required_status_checks_policy for each in checks),
        linear_history="required_linear_history" in by_type,
        signed_commits="required_signatures" in by_type,
        block_force_push="non_fast_forward" in by_type,
        block_deletion="deletion" in by_type,
        bypass=bypass,
        discloses=_MAY_CHANGE,
    )


def _bypass(actor: _Actor) -> Bypass:
    """An actor of a kind that nobody knows here keeps the code host's name, which no configuration can allow."""
    reach = Reach.MERGING if actor.bypass_mode == "pull_request" else Reach.EVERYTHING
    if actor.actor_type in _GROUPS:
        return Bypass(_GROUPS[actor.actor_type], reach)
    number = actor.actor_id or 0
    who = _ROLES.get(number, number) if actor.actor_type == "RepositoryRole" else number
    return Bypass(f"{_ACTORS.get(actor.actor_type, printable(actor.actor_type))}:{who}", reach)
