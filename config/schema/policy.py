"""
What compliance demands: `policies/*.yml`. Each rule names one check of a closed registry and its parameters.

Parameters that a rule leaves out come from the team's own file, so a rule without parameters still demands something.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias

import rfc8785
from pydantic import Discriminator, Field, Tag, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import InitErrorDetails, PydanticCustomError

from config.schema.team import GateName
from config.schema.values import (
    Count,
    Label,
    Line,
    Section,
    Spelling,
    joined,
    label_contradictions,
    once_more,
    repetitions,
)

RuleId = Annotated[str, Spelling(r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*-[0-9]{1,6}", "an identifier such as `SEC-001`")]
ControlId = Annotated[str, Spelling(r"[A-Z][A-Z0-9]*:[A-Za-z0-9][A-Za-z0-9.()-]*", "a control such as `SOC2:CC8.1`")]
PolicyName = Annotated[str, Spelling(r"[a-z0-9][a-z0-9-]{0,99}", "a name of small letters, digits and `-`")]


class Check(StrEnum):
    APPROVALS = "approvals"
    REVIEWERS = "reviewers"
    LABELS = "labels"
    GATES = "gates"
    AUDIT_TRAIL = "audit_log_available"


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Enforcement(StrEnum):
    BLOCK = "block"
    WARN = "warn"


class Exclusion(StrEnum):
    CONTRIBUTORS = "contributors"
    AUTHOR = "author"


class ApprovalsParameters(Section):
    min: Count | None = Field(default=None, ge=1, le=100, description="How many; else the team's required_approvals.")
    on_final_commit: Literal[True] | None = Field(
        default=None, description="Only approvals of exactly the head count, whatever a team lets them survive."
    )
    exclude: Exclusion = Field(
        default=Exclusion.CONTRIBUTORS,
        description="Whose approvals do not count: every contributor's, or the author's.",
    )


class ReviewersParameters(Section):
    """A rule of this check has no parameters: the team's required_reviewers must have approved."""


class LabelsParameters(Section):
    none_of: tuple[Label, ...] = Field(default=(), description="Must be absent, with the team's exclude_labels.")
    all_of: tuple[Label, ...] = Field(default=(), description="Must be there, with the team's labels.")

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        return label_contradictions(said, absent="none_of", present="all_of")


def _word_or_names(value: object) -> str:
    return "word" if isinstance(value, str) else "names"


Passed = Annotated[
    Annotated[Literal["required"], Tag("word")] | Annotated[tuple[GateName, ...], Field(min_length=1), Tag("names")],
    Discriminator(_word_or_names),
]


class GatesParameters(Section):
    passed: Passed = Field(
        default="required", description="The gates that must have passed: `required` ones, or those named here."
    )


class AuditTrailParameters(Section):
    """A rule of this check has no parameters: the audit log must be there and take records."""


class RuleOutline(Section):
    """What rules of every check have."""

    id: RuleId = Field(description="Unique among all policies; records keep it, so it never changes its meaning.")
    title: Line = Field(description="What the rule demands, as reports say it.")
    severity: Severity = Field(description="How grave a violation is.")
    enforcement: Enforcement = Field(
        default=Enforcement.BLOCK, description="`block` holds the pull request; `warn` is recorded and reported."
    )
    controls: tuple[ControlId, ...] = Field(default=(), description="The controls that this rule is evidence for.")


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


AnyRule: TypeAlias = ApprovalsRule | ReviewersRule | LabelsRule | GatesRule | AuditTrailRule
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
    rules = sorted((rule for policy in policies for rule in policy.rules), key=lambda rule: rule.id)
    canonical = rfc8785.dumps([rule.model_dump(mode="json", by_alias=True) for rule in rules])
    return f"sha256:{hashlib.sha256(canonical).hexdigest()}"
