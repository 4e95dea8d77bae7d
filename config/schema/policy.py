"""
What compliance demands: `policies/*.yml`. Each rule names one check of a closed registry and its parameters.

What rules of each check may ask is in `checks`.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias

import rfc8785
from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import InitErrorDetails, PydanticCustomError

from config.schema.checks import (
    ApprovalsParameters,
    AuditTrailParameters,
    ChangeSizeParameters,
    Check,
    CodeOwnersParameters,
    ExpressionParameters,
    FreshnessParameters,
    GatesParameters,
    LabelsParameters,
    LinearHistoryParameters,
    PathsParameters,
    ReviewersParameters,
    TestedTreeParameters,
    TicketParameters,
    TokenAgeParameters,
)
from config.schema.patterns import PathPattern
from config.schema.protection import RulesetParameters, SignedCommitsParameters
from config.schema.values import (
    Branch,
    Label,
    Line,
    Section,
    Spelling,
    TeamName,
    Truth,
    joined,
    once_more,
    refused,
    repetitions,
)

RuleId = Annotated[str, Spelling(r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-[0-9]{1,6}", "an identifier such as `SEC-001`")]
ControlId = Annotated[str, Spelling(r"[A-Z][A-Z0-9]*:[A-Za-z0-9][A-Za-z0-9.()-]*", "a control such as `SOC2:CC8.1`")]
PolicyName = Annotated[str, Spelling(r"[a-z0-9][a-z0-9-]{0,99}", "a name of small letters, digits and `-`")]


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Enforcement(StrEnum):
    BLOCK = "block"
    WARN = "warn"


class When(Section):
    """All that is said must hold; of a list, one suffices."""

    paths: tuple[PathPattern, ...] = Field(
        default=(), description="A changed path matches, be it where a file was or where it is."
    )
    targets: tuple[Branch, ...] = Field(default=(), description="It targets one of these branches.")
    labels: tuple[Label, ...] = Field(default=(), description="One of these labels is set.")
    teams: tuple[TeamName, ...] = Field(default=(), description="It is a pull request of one of these teams.")

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        for key in ("paths", "targets", "labels", "teams"):
            if said.get(key) in ([], ()):
                yield refused(
                    "is empty, so that the rule is never about anything", "name something, or leave it out", (key,)
                )
        if not said:
            yield refused("says nothing", "leave it out: the rule is about every pull request then")


_NEVER_WAIVED = frozenset({Check.GATES, Check.AUDIT_TRAIL, Check.TESTED_TREE})


class RuleOutline(Section):
    """What rules of every check have."""

    id: RuleId = Field(description="Unique among all policies; records keep it, so it never changes its meaning.")
    title: Line = Field(description="What the rule demands, as reports say it.")
    severity: Severity = Field(description="How grave a violation is.")
    enforcement: Enforcement = Field(
        default=Enforcement.BLOCK, description="`block` holds the pull request; `warn` is recorded and reported."
    )
    controls: tuple[ControlId, ...] = Field(default=(), description="The controls that this rule is evidence for.")
    when: When | None = Field(
        default=None, description="Which pull requests the rule is about; all of them where nothing is said."
    )
    waivable: Truth = Field(
        default=False,
        description="Whether a waiver (policies/waivers.yml) or an emergency may let pass what does not satisfy it. "
        "Never for a critical rule, nor for gates and the audit trail, without which nothing lands.",
    )

    def concerns(self, team: str) -> bool:
        """Whether it is about pull requests of this team at all."""
        return self.when is None or not self.when.teams or team in self.when.teams

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        if said.get("waivable") is not True:
            return
        if said.get("severity") == Severity.CRITICAL:
            yield refused("is `true` for a critical rule", "leave it out, or call it less than critical", ("waivable",))
        if said.get("check") in _NEVER_WAIVED:
            sentence = "is `true` for what nothing lands without"
            yield refused(sentence, "leave it out", ("waivable",))


class ApprovalsRule(RuleOutline):
    check: Literal[Check.APPROVALS] = Field(description="Enough people approved.")
    parameters: ApprovalsParameters = Field(
        default=ApprovalsParameters(), alias="with", description="How many, and who."
    )


class ReviewersRule(RuleOutline):
    check: Literal[Check.REVIEWERS] = Field(description="The team's required_reviewers approved, each of them.")
    parameters: ReviewersParameters = Field(default=ReviewersParameters(), alias="with", description="Nothing to say.")


class LabelsRule(RuleOutline):
    check: Literal[Check.LABELS] = Field(description="The labels are as demanded.")
    parameters: LabelsParameters = Field(default=LabelsParameters(), alias="with", description="Which labels.")


class GatesRule(RuleOutline):
    check: Literal[Check.GATES] = Field(description="Gates passed on the very tree that lands.")
    parameters: GatesParameters = Field(default=GatesParameters(), alias="with", description="Which gates.")


class AuditTrailRule(RuleOutline):
    check: Literal[Check.AUDIT_TRAIL] = Field(description="The audit log is there and takes the record first.")
    parameters: AuditTrailParameters = Field(
        default=AuditTrailParameters(), alias="with", description="Nothing to say."
    )


class CodeOwnersRule(RuleOutline):
    check: Literal[Check.CODE_OWNERS] = Field(
        description="The owners of each changed path approved, as CODEOWNERS of the target branch names them."
    )
    parameters: CodeOwnersParameters = Field(
        default=CodeOwnersParameters(), alias="with", description="What of paths without owner."
    )


class PathsRule(RuleOutline):
    check: Literal[Check.PATHS] = Field(description="Only paths were changed that may be.")
    parameters: PathsParameters = Field(alias="with", description="Which paths.")


class ChangeSizeRule(RuleOutline):
    check: Literal[Check.CHANGE_SIZE] = Field(description="It is small enough to be reviewed.")
    parameters: ChangeSizeParameters = Field(alias="with", description="How large it may be.")


class TicketRule(RuleOutline):
    check: Literal[Check.TICKET] = Field(description="It refers to a ticket.")
    parameters: TicketParameters = Field(alias="with", description="What a reference looks like.")


class FreshnessRule(RuleOutline):
    check: Literal[Check.FRESHNESS] = Field(description="It was made on the target branch as it is, or nearly.")
    parameters: FreshnessParameters = Field(alias="with", description="How far it may be behind.")


class TestedTreeRule(RuleOutline):
    check: Literal[Check.TESTED_TREE] = Field(
        description="What lands is the very tree on which the required gates passed."
    )
    parameters: TestedTreeParameters = Field(
        default=TestedTreeParameters(), alias="with", description="Nothing to say."
    )


class LinearHistoryRule(RuleOutline):
    check: Literal[Check.LINEAR_HISTORY] = Field(description="It adds no commit that merges others.")
    parameters: LinearHistoryParameters = Field(
        default=LinearHistoryParameters(), alias="with", description="Nothing to say."
    )


class TokenAgeRule(RuleOutline):
    check: Literal[Check.TOKEN_AGE] = Field(description="The credential that merge-hub acts with is known to be young.")
    parameters: TokenAgeParameters = Field(default=TokenAgeParameters(), alias="with", description="How old it may be.")


class RulesetRule(RuleOutline):
    check: Literal[Check.RULESET] = Field(
        description="Branch protection and active rulesets of the code host guard the target branch as demanded."
    )
    parameters: RulesetParameters = Field(alias="with", description="What they must see to.")


class SignedCommitsRule(RuleOutline):
    check: Literal[Check.SIGNED_COMMITS] = Field(
        description="Each commit that it adds bears a signature which the code host verified."
    )
    parameters: SignedCommitsParameters = Field(
        default=SignedCommitsParameters(), alias="with", description="Whose signatures count."
    )


class ExpressionRule(RuleOutline):
    check: Literal[Check.EXPRESSION] = Field(description="An expression comes to `true`, and to nothing else.")
    parameters: ExpressionParameters = Field(alias="with", description="Which expression.")


class RuleOfNoCheck(RuleOutline):
    """A rule whose check is unknown: what rules of every check have can be judged all the same."""

    check: Any = None
    parameters: Any = Field(default=None, alias="with")


def _judged_without_check(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    try:
        return handler(value)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        if not (isinstance(value, dict) and errors[0]["type"].startswith("union_tag")):
            raise
        raise joined(errors, _wrong_in_every_check(value)) from error


def _wrong_in_every_check(value: Mapping[str, object]) -> Iterator[InitErrorDetails]:
    """In the place of the check's name, which leads to what is wrong with a rule of a known check."""
    try:
        RuleOfNoCheck.model_validate(value, by_alias=True, by_name=False)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            yield once_more(detail, "no check")


AnyRule: TypeAlias = (
    ApprovalsRule
    | ReviewersRule
    | CodeOwnersRule
    | LabelsRule
    | GatesRule
    | AuditTrailRule
    | PathsRule
    | ChangeSizeRule
    | TicketRule
    | FreshnessRule
    | TestedTreeRule
    | LinearHistoryRule
    | TokenAgeRule
    | RulesetRule
    | SignedCommitsRule
    | ExpressionRule
)
Rule = Annotated[AnyRule, Field(discriminator="check"), WrapValidator(_judged_without_check)]


class PolicyMetadata(Section):
    name: PolicyName = Field(description="The policy's name, unique.")
    owner: Line = Field(description="Who answers for it, for those who read the file.")


class PolicyFile(Section):
    """Rules that one owner answers for: policies/NAME.yml."""

    api_version: Literal["merge-hub/v1"] = Field(alias="apiVersion", description="The format of this file.")
    kind: Literal["Policy"] = Field(description="What this file is.")
    metadata: PolicyMetadata = Field(description="Whose rules these are.")
    rules: tuple[Rule, ...] = Field(min_length=1, description="All rules are judged, whatever the others say.")

    @property
    def name(self) -> str:
        return self.metadata.name

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        return repetitions(said, "id", "rules")


def digest_of_rules(policies: Iterable[PolicyFile]) -> str:
    """The same for the same rules, however they are spread over files and in whatever order."""
    rules = [
        (rule.id, rfc8785.dumps(rule.model_dump(mode="json", by_alias=True, exclude_none=True)))
        for policy in policies
        for rule in policy.rules
    ]
    canonical = b"[" + b",".join(document for _, document in sorted(rules)) + b"]"
    return f"sha256:{hashlib.sha256(canonical).hexdigest()}"
