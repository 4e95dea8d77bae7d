"""Protection of branches and rulesets, read; classic protection can be set as well."""

from deployments.sandbox.codehost.call import Call, Listing, Reply
from deployments.sandbox.codehost.errors import NotFound
from deployments.sandbox.codehost.hosted import HostedRepository
from deployments.sandbox.codehost.model import Json
from deployments.sandbox.codehost.protection import checked_protection, rules_for
from deployments.sandbox.codehost.render.nodes import node_id
from deployments.sandbox.codehost.render.protection import protection_document
from deployments.sandbox.codehost.render.repositories import html_url, repository_url
from deployments.sandbox.codehost.router import Routes

from .accounts import find_organization

routes = Routes()
PROTECTION = "/repos/{owner}/{repo}/branches/{branch:path}/protection"


@routes.get(PROTECTION)
def show_protection(call: Call) -> Reply:
    repository, branch = call.repository(), call.parameters["branch"]
    classic = repository.protection(branch)
    if repository.head(branch) is None:
        raise NotFound("Branch not found")
    if classic is None:
        raise NotFound("Branch not protected")
    return Reply(protection_document(call.host, repository, branch, classic))


@routes.put(PROTECTION)
def set_protection(call: Call) -> Reply:
    repository, branch = call.repository("write"), call.parameters["branch"]
    if repository.head(branch) is None:
        raise NotFound("Branch not found")
    repository.record.protections[branch] = checked_protection(call.body.fields)
    repository.save(repository.record)
    return Reply(protection_document(call.host, repository, branch, call.body.fields))


@routes.delete(PROTECTION)
def remove_protection(call: Call) -> Reply:
    repository = call.repository("write")
    if repository.record.protections.pop(call.parameters["branch"], None) is None:
        raise NotFound("Branch not protected")
    repository.save(repository.record)
    return Reply(status=204)


@routes.get("/repos/{owner}/{repo}/rules/branches/{branch:path}")
def list_rules(call: Call) -> Listing:
    return Listing(list(rules_for(call.repository(), call.parameters["branch"])), lambda rule: rule)


@routes.get("/repos/{owner}/{repo}/rulesets")
def list_rulesets(call: Call) -> Listing:
    repository = call.repository()
    hidden = {"rules", "conditions", "bypass_actors"}
    return Listing(
        repository.record.rulesets,
        lambda one: {key: value for key, value in _ruleset(call, repository, one).items() if key not in hidden},
    )


@routes.get("/repos/{owner}/{repo}/rulesets/rule-suites")
def list_rule_suites(call: Call) -> Listing:
    """Suites are not kept: no push is evaluated here but to be refused."""
    call.repository()
    return Listing([], lambda suite: suite)


@routes.get("/orgs/{org}/rulesets/rule-suites")
def list_organization_rule_suites(call: Call) -> Listing:
    find_organization(call)
    return Listing([], lambda suite: suite)


@routes.get("/repos/{owner}/{repo}/rulesets/{ruleset_id}")
def show_ruleset(call: Call) -> Reply:
    repository, number = call.repository(), call.number("ruleset_id")
    for ruleset in repository.record.rulesets:
        if ruleset["id"] == number:
            return Reply(_ruleset(call, repository, ruleset))
    raise NotFound


def _ruleset(call: Call, repository: HostedRepository, ruleset: Json) -> Json:
    """Who may bypass it is told only to whoever may change it."""
    may_change = call.host.may(call.viewer, repository, "admin")
    shown = {key: value for key, value in ruleset.items() if may_change or key != "bypass_actors"}
    url = f"{repository_url(call.host, repository)}/rulesets/{ruleset['id']}"
    return {
        "target": "branch",
        "source_type": "Repository",
        "source": repository.full_name,
        "node_id": node_id("RRS", ruleset["id"]),
        "created_at": repository.record.created_at,
        "updated_at": repository.record.updated_at,
        "current_user_can_bypass": "never",
        "_links": {
            "self": {"href": url},
            "html": {"href": f"{html_url(call.host, repository)}/rules/{ruleset['id']}"},
        },
        **shown,
    }
