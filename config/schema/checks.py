"""
The closed registry of checks, and what a rule may ask of each: the key `with` of a rule.

Parameters that a rule leaves out come from the team's own file where that has them, so that a rule without parameters
still demands something. A check that demands nothing at all is refused: it would look like a control and be none.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from config.schema.expressions import Expression
from config.schema.patterns import PathPattern, TextPattern
from config.schema.values import (
    Approver,
    Count,
    GateName,
    Label,
    Reviewer,
    Section,
    Truth,
    label_contradictions,
    refused,
)


class Check(StrEnum):
    APPROVALS = "approvals"
    REVIEWERS = "reviewers"
    CODE_OWNERS = "codeowners"
    LABELS = "labels"
    GATES = "gates"
    AUDIT_TRAIL = "audit_log_available"
    PATHS = "paths"
    CHANGE_SIZE = "change_size"
    TICKET = "ticket"
    FRESHNESS = "freshness"
    TESTED_TREE = "tested_tree"
    LINEAR_HISTORY = "linear_history"
    TOKEN_AGE = "token_age"  # noqa: S105 -- the name of a check
    RULESET = "ruleset"
    SIGNED_COMMITS = "signed_commits"
    EXPRESSION = "cel"


class Exclusion(StrEnum):
    CONTRIBUTORS = "contributors"
    AUTHOR = "author"


class TicketPlace(StrEnum):
    TITLE = "title"
    BODY = "body"
    BRANCH = "branch"


def _no_at(name: str) -> str:
    return name.removeprefix("@")


Group = Annotated[Reviewer, AfterValidator(_no_at)]


def _nothing_demanded(said: Mapping[str, Any], *keys: str) -> Iterator[PydanticCustomError]:
    if not any(said.get(key) not in (None, False, [], ()) for key in keys):
        yield refused("demands nothing", f"name at least one of {', '.join(f'`{key}`' for key in keys)}")


class ApprovalsParameters(Section):
    min: Count | None = Field(
        default=None,
        ge=1,
        le=100,
        description="How many; else the team's required_approvals, or one of those whom the rule names.",
    )
    from_people: tuple[Approver, ...] = Field(default=(), description="Only approvals of these logins count.")
    from_groups: tuple[Group, ...] = Field(
        default=(),
        description="Only approvals of members of these teams of the code host count: `organization/team`, or the name "
        "of a team of the organization.",
    )
    on_final_commit: Literal[True] | None = Field(
        default=None, description="Only approvals of exactly the head count, whatever a team lets them survive."
    )
    exclude: Exclusion = Field(
        default=Exclusion.CONTRIBUTORS,
        description="Whose approvals do not count: every contributor's, who pushed the head included, or the author's.",
    )
    everybody_known: Truth = Field(
        default=False,
        description="Whether it is violated where the code host does not tell who opened the pull request, who wrote a "
        "part of it, or who pushed the head that was approved: whoever approved may be the one.",
    )

    @property
    def restricted(self) -> bool:
        """Whether the rule says whose approvals count."""
        return bool(self.from_people or self.from_groups)


class ReviewersParameters(Section):
    """A rule of this check has no parameters: the team's required_reviewers must have approved."""


class CodeOwnersParameters(Section):
    every_path_owned: Truth = Field(
        default=False, description="Whether a changed path that CODEOWNERS gives to nobody violates the rule."
    )


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


class PathsParameters(Section):
    none_of: tuple[PathPattern, ...] = Field(default=(), description="No changed path may match any of these.")
    only: tuple[PathPattern, ...] = Field(default=(), description="Every changed path must match one of these.")

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        return _nothing_demanded(said, "none_of", "only")


class ChangeSizeParameters(Section):
    max_lines: Count | None = Field(
        default=None, ge=1, le=10_000_000, description="How many lines it may add and delete together."
    )
    max_files: Count | None = Field(default=None, ge=1, le=3_000, description="How many files it may change.")
    ignore: tuple[PathPattern, ...] = Field(
        default=(), description="Paths that are not counted, such as what a tool generates."
    )

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        return _nothing_demanded(said, "max_lines", "max_files")


class TicketParameters(Section):
    pattern: TextPattern = Field(description="A regular expression that a reference to a ticket matches.")
    within: tuple[TicketPlace, ...] = Field(
        default=tuple(TicketPlace), alias="in", min_length=1, description="Where one is looked for; one place suffices."
    )


class FreshnessParameters(Section):
    max_commits_behind: Count | None = Field(
        default=None, ge=0, le=1_000_000, description="How many commits of the target branch it may lack."
    )
    max_days_behind: Count | None = Field(
        default=None, ge=1, le=36_500, description="How long ago the first commit that it lacks may have been made."
    )

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        if said.get("max_commits_behind") is None:
            yield from _nothing_demanded(said, "max_commits_behind", "max_days_behind")


class TestedTreeParameters(Section):
    """A rule of this check has no parameters: what lands is the tree on which every required gate passed."""


class LinearHistoryParameters(Section):
    """A rule of this check has no parameters: no commit that the pull request adds has two parents."""


class TokenAgeParameters(Section):
    max_days: Count = Field(
        default=90, ge=1, le=36_500, description="How old the credential may be that merge-hub acts with."
    )


class ExpressionParameters(Section):
    expression: Expression = Field(
        description="An expression of the Common Expression Language, which must come to `true`; what it may name is "
        "in the README."
    )
    teams: tuple[Group, ...] = Field(
        default=(), description="The teams of the code host of which `approvals.teams` tells whether somebody approved."
    )
