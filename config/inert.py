"""
Keys that are accepted and do nothing, as they are written: what happens instead.

They are accepted because files that hold them must load. Silence would promise what nobody keeps.
"""

from collections.abc import Iterator

from config.errors import Problem
from config.schema import GlobalFile, Landing, LocalStorage, TeamFile
from config.validation import Source


def without_effect_for_all(global_: Source[GlobalFile]) -> Iterator[Problem]:
    organization, audit = global_.model.organization, global_.model.audit
    slack = global_.model.notifications.slack
    if organization.compliance:
        message = "has no effect yet: naming a framework checks nothing"
        remedy = "name what a rule is evidence for in its `controls`, in policies/"
        yield global_.problem(("organization", "compliance"), message, remedy)
    if isinstance(audit.storage, LocalStorage) and "retention_days" in audit.model_fields_set:
        message = "has no effect on a directory, from which anybody who may write there can delete"
        yield global_.problem(("audit", "retention_days"), message, "keep evidence on S3 with Object Lock")
    if slack and not any(slack.channels.model_dump().values()):
        message, remedy = "has no effect: no channel is named, so nothing is posted", "name `channels` beside it"
        yield global_.problem(("notifications", "slack", "webhook"), message, remedy)


def without_effect_for_team(team: Source[TeamFile]) -> Iterator[Problem]:
    policies = team.model.policies
    if team.model.scope.filters.required_approvals == 0:
        message = "asks for nobody's approval: unless a rule does, what lands was seen by its author alone"
        yield team.problem(("scope", "filters", "required_approvals"), message, "write how many approvals are needed")
    if policies.rollback_on_gate_failure and not any(gate.required for gate in team.model.post_landing):
        message = "takes back only trees nobody gated: no required gate runs after a landing"
        yield team.problem(("policies", "rollback_on_gate_failure"), message, "name one in `post_landing`")
    if not policies.require_audit_log:
        message = "is false and has no effect: nothing lands without its record in the audit log"
        yield team.problem(("policies", "require_audit_log"), message, "write `true`, or leave it out")
    if policies.landing is Landing.API and policies.max_prs_per_batch > 1 and _written(team, "max_prs_per_batch"):
        message = "has no effect with `landing: api`, which tests and lands one pull request at a time"
        remedy = "leave it out, or write `landing: fast-forward`"
        yield team.problem(("policies", "max_prs_per_batch"), message, remedy)


def _written(team: Source[TeamFile], key: str) -> bool:
    return key in team.model.policies.model_fields_set
