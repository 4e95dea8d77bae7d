"""What a team decided: `teams/*.yml`. Which repositories, which pull requests, which gates, how they land."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from config.schema.anomalies import Hours
from config.schema.calendars import Calendar, calendar_contradictions
from config.schema.health import HealthCheck
from config.schema.pause import Pause
from config.schema.policy import Rule
from config.schema.queue import Freeze, Queue
from config.schema.sign_off import SignOff
from config.schema.times import DURATION, Day, duration_of
from config.schema.values import (
    Branch,
    Command,
    Count,
    GateName,
    Label,
    Line,
    Repository,
    Reviewer,
    Section,
    Spelling,
    TeamName,
    Truth,
    label_contradictions,
    refused,
    repetitions,
)

NeverCached = Annotated[str, Spelling(r"never", "`never`")]
CacheLifetime = Annotated[str, Spelling(rf"never|{DURATION}", "`never` or a duration such as `30m` or `7d`")]


class Stage(StrEnum):
    """How far a run may go, from looking to landing."""

    OBSERVE = "observe"
    GATE = "gate"
    MERGE = "merge"

    @property
    def below(self) -> "Stage":
        """That of observing is the lowest."""
        every = list(Stage)
        return every[max(0, every.index(self) - 1)]

    @staticmethod
    def lower_of(one: "Stage", other: "Stage") -> "Stage":
        return min(one, other, key=list(Stage).index)


class Landing(StrEnum):
    FAST_FORWARD = "fast-forward"
    API = "api"


class MergeMethod(StrEnum):
    MERGE = "merge"
    SQUASH = "squash"
    REBASE = "rebase"


class Network(StrEnum):
    """What a gate can reach: all that the machine can, or itself only."""

    HOST = "host"
    NONE = "none"


class Gate(Section):
    """A command that must succeed on the very tree that lands."""

    name: GateName = Field(description="Unique among the team's gates and the global ones.")
    command: Command = Field(description="Run by a shell in a fresh checkout of the candidate; exit status 0 passes.")
    timeout: Count = Field(default=600, gt=0, le=604_800, description="Seconds after which the gate is stopped.")
    required: Truth = Field(default=True, description="Whether a pull request is refused when this gate fails.")
    cache: CacheLifetime = Field(
        default="1d",
        description="How long a pass holds for the same tree and command, and a target branch that was found green or "
        "red is taken to be so: `never` (not beyond the run), or a duration such as `90s`, `30m`, `24h` or `7d`.",
    )
    retries: Count = Field(
        default=1,
        ge=0,
        le=5,
        description="How often it is asked again on the same files before somebody is refused for it: a gate that "
        "fails and then passes has said nothing.",
    )
    environment: Line | None = Field(
        default=None,
        description="Whatever names the tools that the gate uses, such as a version or the digest of an image. Change "
        "it and the gate runs anew: nothing that it found before holds any more.",
    )
    network: Network = Field(
        default=Network.HOST,
        description="What it can reach: all that the machine of the hub can (`host`), or nothing but itself (`none`), "
        "for which that machine must allow namespaces.",
    )
    security: Truth = Field(
        default=False,
        description="Whether it is about security: the audit report shows its verdicts under that heading. No gate, "
        "and so none of these, is ever skipped by a waiver or in an emergency.",
    )
    together: Truth = Field(
        default=False,
        description="Whether it sees all of a change set: the candidates of its other repositories stand beside its "
        "own, as `OWNER/NAME` below the directory that `MERGE_HUB_CHANGE_SET` names. Outside of a set only its own is "
        "there.",
    )

    @property
    def cache_lifetime(self) -> timedelta | None:
        """None: a pass is never used again."""
        return None if self.cache == "never" else duration_of(self.cache)


class PostLandingGate(Gate):
    """A command that is run on what has just landed."""

    command: Command = Field(description="Run by a shell in a fresh checkout of what landed; exit status 0 passes.")
    required: Truth = Field(
        default=True, description="Whether it is an incident when this gate fails, for which the team may roll back."
    )
    retries: Count = Field(
        default=1, ge=0, le=5, description="How often it is asked again on the same files before its no is believed."
    )
    cache: NeverCached = Field(default="never", description="`never`: each landing is looked at anew.")

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        if said.get("together") is True:
            yield refused("is for gates before the landing", "move it to `gates`, or remove it", ("together",))


def _kind_of_look(value: Any) -> str:
    return "health" if isinstance(value, HealthCheck) or (isinstance(value, Mapping) and "health" in value) else "gate"


AfterLanding = Annotated[
    Annotated[PostLandingGate, Tag("gate")] | Annotated[HealthCheck, Tag("health")], Discriminator(_kind_of_look)
]
"""What is asked of something that has landed: a gate, or how it does where it runs."""


class Survival(StrEnum):
    """What an approval survives, from the strictest on."""

    NOTHING = "nothing"
    REBASE = "rebase"


class Filters(Section):
    labels: tuple[Label, ...] = Field(default=(), description="Labels that a pull request must carry, all of them.")
    required_approvals: Count = Field(
        default=1, ge=0, le=100, description="How many independent approvals of its head a pull request needs."
    )
    required_reviewers: tuple[Reviewer, ...] = Field(
        default=(), description="Who must have approved: logins, or teams as `organization/team`; every one of them."
    )
    exclude_labels: tuple[Label, ...] = Field(default=(), description="Labels that keep a pull request out, any one.")

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        return label_contradictions(said, absent="exclude_labels", present="labels")


class Scope(Section):
    target: Branch = Field(default="main", description="The branch that pull requests land on.")
    filters: Filters = Field(default=Filters(), description="Which pull requests are candidates.")


class TeamIdentity(Section):
    name: TeamName = Field(description="The team's name, unique; what `merge-hub run --team` takes.")
    repos: tuple[Repository, ...] = Field(
        min_length=1, description="The team's repositories: `owner/name`, or `name` for the organization's."
    )


class TeamPolicies(Section):
    max_prs_per_batch: Count = Field(default=10, ge=1, le=100, description="The largest group tested together.")
    require_audit_log: Truth = Field(
        default=True, description="A landing always needs a durable audit record before it: `false` changes nothing."
    )
    notify_on_failure: Truth = Field(default=True, description="Whether failures are told to the failure channel.")
    rollback_on_gate_failure: Truth = Field(
        default=False,
        description="Whether a landing is taken back when a required gate of `post_landing` fails on it, or when it is "
        "not the tree that was gated. Otherwise that is an incident, and nothing is taken back.",
    )
    landing: Landing = Field(
        default=Landing.FAST_FORWARD,
        description="`fast-forward` pushes the gated commits, batches included; `api` asks the code host to merge one "
        "pull request at a time.",
    )
    method: MergeMethod = Field(default=MergeMethod.MERGE, description="How a pull request becomes commits.")
    approvals_survive: Survival = Field(
        default=Survival.NOTHING,
        description="Whether an approval outlives its head. `nothing`: it counts for exactly what was approved; "
        "`rebase`: also for one that brings the very same changes on another base, which git has to prove. Only where "
        "the organization allows it.",
    )
    sign_off: tuple[SignOff, ...] = Field(
        default=(), description="Whose signatures a plan needs, beside those that the organization asks for."
    )
    rules: tuple[Rule, ...] = Field(
        default=(),
        description="Rules for this team, as files of `policies/` have them. One with the id of such a rule takes its "
        "place for this team, and must be at least as strict in every respect.",
    )

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        yield from repetitions(said, "id", "rules")
        written = said.get("rules")
        for position, rule in enumerate(written if isinstance(written, list | tuple) else ()):
            when = rule.get("when") if isinstance(rule, dict) else getattr(rule, "when", None)
            teams = when.get("teams") if isinstance(when, dict) else getattr(when, "teams", None)
            if teams:
                sentence = "names teams, and a rule in a team's file is about that team"
                yield refused(sentence, "leave it out", ("rules", position, "when", "teams"))


class TeamFile(Section):
    """The configuration of one team: teams/NAME.yml."""

    team: TeamIdentity = Field(description="Who the team is and what it owns.")
    scope: Scope = Field(default=Scope(), description="What lands where.")
    gates: tuple[Gate, ...] = Field(
        default=(), description="The team's gates, after the global ones. A team without any gate lands nothing."
    )
    post_landing: tuple[AfterLanding, ...] = Field(
        default=(),
        description="Gates that are run on what has landed, once for each landing, and never cached; and questions "
        "after its health, which are asked until a deadline.",
    )
    policies: TeamPolicies = Field(default=TeamPolicies(), description="How the team's pull requests are handled.")
    queue: Queue = Field(default=Queue(), description="In which order pull requests land.")
    freezes: tuple[Freeze, ...] = Field(
        default=(), description="When nothing of this team lands, beside the freezes of the organization."
    )
    pause: Pause | None = Field(default=None, description="Stops all landings of this team.")
    hours: Hours | None = Field(default=None, description="When people of this team work, else as in global.yml.")
    calendar: tuple[Calendar, ...] = Field(
        default=(),
        description="The working days of this team, of which its working hours are counted, each from its first day "
        "on; else as in global.yml, else as `hours` says.",
    )
    stage: Stage = Field(
        default=Stage.MERGE,
        description="How far the rollout of this team has come: `observe` plans, `gate` runs gates too, `merge` lands.",
    )
    since: Day | None = Field(
        default=None,
        description="The first day of that stage, in UTC: before it the team is at the one below, and from it on the "
        "promotion report tells.",
    )

    @property
    def name(self) -> str:
        return self.team.name

    def stage_at(self, at: datetime) -> Stage:
        """The stage, or the one below it where its first day is still to come."""
        begun = self.since is None or date.fromisoformat(self.since) <= at.astimezone(UTC).date()
        return self.stage if begun else self.stage.below

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        yield from repetitions(said, "name", "gates", "post_landing")
        yield from repetitions(said, "name", "freezes")
        yield from calendar_contradictions(said)
