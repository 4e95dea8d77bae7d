"""What a rule may ask of how the code host guards the target branch, and of the signatures of commits."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field
from pydantic_core import PydanticCustomError

from config.schema.values import Count, Line, Login, Section, Spelling, Truth, refused

ANYBODY = "anybody"
"""In the place of actors: who may get around it is not judged."""

Actor = Annotated[
    str,
    Spelling(
        r"(?:app|team|user):[1-9][0-9]{0,18}|role:(?:admin|maintain|write|[1-9][0-9]{1,18})"
        rf"|organization-admins|deploy-keys|{ANYBODY}",
        "an actor such as `app:12345`, `team:42`, `user:7`, `role:admin`, `organization-admins` or `deploy-keys`",
    ),
]

_DEMANDS = (
    "required_reviews",
    "required_checks",
    "dismiss_stale",
    "last_push_approval",
    "code_owner_review",
    "linear_history",
    "signed_commits",
    "block_force_push",
    "block_deletion",
)


class RulesetParameters(Section):
    required_reviews: Count | None = Field(
        default=None, ge=1, le=10, description="How many approvals the target branch must require."
    )
    required_checks: tuple[Line, ...] = Field(
        default=(), description="The status checks that it must require, by their names."
    )
    strict_checks: Truth = Field(
        default=False, description="Whether it must require those on a branch that is up to date with it."
    )
    dismiss_stale: Truth = Field(default=False, description="Whether a push must dismiss the approvals before it.")
    last_push_approval: Truth = Field(
        default=False, description="Whether somebody else must have approved the latest push."
    )
    code_owner_review: Truth = Field(default=False, description="Whether the owners of the code must have approved.")
    linear_history: Truth = Field(default=False, description="Whether it must refuse merge commits.")
    signed_commits: Truth = Field(default=False, description="Whether it must refuse commits without a signature.")
    block_force_push: Truth = Field(default=False, description="Whether it must refuse to be pushed to by force.")
    block_deletion: Truth = Field(default=False, description="Whether it must refuse to be deleted.")
    allowed_bypass: tuple[Actor, ...] = Field(
        default=(),
        description="Who may get around what guards it, with nobody else: `app:ID`, `team:ID`, `user:ID`, "
        "`role:admin`, `organization-admins`, `deploy-keys`; or `anybody`, where that is not to be judged.",
    )

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        if not any(said.get(key) not in (None, False, [], ()) for key in _DEMANDS):
            listed = ", ".join(f"`{key}`" for key in _DEMANDS)
            yield refused("demands nothing", f"name at least one of {listed}")
        if said.get("strict_checks") is True and not said.get("required_checks"):
            sentence = "is `true`, and no check is named that it could be about"
            yield refused(sentence, "name `required_checks`, or leave it out", ("strict_checks",))
        actors = said.get("allowed_bypass") or ()
        if isinstance(actors, list | tuple) and ANYBODY in actors and len(actors) > 1:
            sentence = f"names `{ANYBODY}` beside others, who are among them"
            yield refused(sentence, "name only one or the others", ("allowed_bypass",))


class SignedCommitsParameters(Section):
    signers: tuple[Login, ...] = Field(
        default=(), description="Only signatures of these logins count; of everybody where nobody is named."
    )
    by_host: Truth = Field(
        default=True,
        description="Whether a signature counts that the code host itself made, as for what is edited in its pages.",
    )
