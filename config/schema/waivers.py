"""What is let pass for a while: `policies/waivers.yml`. Each waiver is about one rule in one repository, and ends."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from pydantic import Field
from pydantic_core import PydanticCustomError

from config.schema.policy import RuleId
from config.schema.times import Day, day_of
from config.schema.values import Branch, Count, Line, Login, Repository, Section, refused, repetitions

LONGEST = 90
"""Days from the approval of a waiver to its last one."""


class WaiverCategory(StrEnum):
    WAIVER = "waiver"
    MITIGATED = "mitigated"


class WaiverScope(Section):
    """One repository at most: all of it, one branch that pull requests target, or one pull request."""

    repo: Repository = Field(description="The repository: `owner/name`, or `name` for the organization's.")
    pr: Count | None = Field(default=None, ge=1, description="The number of the one pull request that it is about.")
    target: Branch | None = Field(default=None, description="The one branch that it is about.")

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        if "pr" in said and "target" in said:
            yield refused("names a pull request, which has one target", "leave `target` out", ("target",))


class Waiver(Section):
    """While it holds, a rule that is not satisfied blocks nobody in its scope, and everybody is told so."""

    id: RuleId = Field(description="Such as `W-7`; unique, since records keep it.")
    rule: RuleId = Field(description="The rule that is waived; it must be marked `waivable`.")
    scope: WaiverScope = Field(description="What it is about.")
    category: WaiverCategory = Field(
        default=WaiverCategory.WAIVER,
        description="`waiver`: the risk is taken; `mitigated`: it is met in another way, as the reason tells.",
    )
    reason: Line = Field(description="Why, as reports tell it.")
    requested_by: Login = Field(description="Who asked for it.")
    approved_by: Login = Field(
        description="Who allowed it: one of `waiver_approvers` in access.yml, and somebody else. It is not honoured on "
        "pull requests of their own."
    )
    approved_on: Day = Field(description="When it was allowed; it holds from that day on, in UTC.")
    expires: Day = Field(description=f"The last day that it holds, in UTC; {LONGEST} days after `approved_on` at most.")
    ticket: Line = Field(description="Where it was discussed.")

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        asked, allowed = said.get("requested_by"), said.get("approved_by")
        if isinstance(asked, str) and isinstance(allowed, str) and asked.casefold() == allowed.casefold():
            yield refused("is who asked for it", "have somebody else allow it", ("approved_by",))
        begins, ends = day_of(said.get("approved_on")), day_of(said.get("expires"))
        if begins is None or ends is None:
            return
        if ends < begins:
            yield refused("is before `approved_on`", "write a later day", ("expires",))
        if (ends - begins).days > LONGEST:
            sentence = f"is {(ends - begins).days} days after `approved_on`, and {LONGEST} are the most"
            yield refused(sentence, "write an earlier day, and have it allowed anew then", ("expires",))

    @property
    def first_day(self) -> date:
        return date.fromisoformat(self.approved_on)

    @property
    def last_day(self) -> date:
        return date.fromisoformat(self.expires)

    def holds(self, at: datetime) -> bool:
        return self.first_day <= at.astimezone(UTC).date() <= self.last_day

    def expired(self, at: datetime) -> bool:
        return self.last_day < at.astimezone(UTC).date()


class WaiversFile(Section):
    """What is let pass: policies/waivers.yml."""

    waivers: tuple[Waiver, ...] = Field(default=(), description="Each by itself; none is broader than a repository.")

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        return repetitions(said, "id", "waivers")
