"""What the organization decided for every team: `global.yml`, and who may approve: `access.yml`."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, Tag
from pydantic_core import PydanticCustomError

from config.schema.anomalies import Anomalies, Hours
from config.schema.calendars import Calendar, calendar_contradictions
from config.schema.credentials import TOLD_BY_WAY, WRITTEN, Credentials, InPlace, Told
from config.schema.databases import DatabaseAddress
from config.schema.emergency import Emergency
from config.schema.metrics import Metrics
from config.schema.pause import Pause
from config.schema.queue import Freeze
from config.schema.sealing import Sealing
from config.schema.sign_off import SignOff
from config.schema.team import Gate, Survival
from config.schema.values import (
    REFERENCE,
    Approver,
    Count,
    Line,
    Login,
    Referring,
    Repository,
    Robot,
    Section,
    Spelling,
    TeamName,
    Truth,
    refers,
    refused,
    repetitions,
)

Address = Annotated[Referring, Spelling(rf"https?://\S+|.*{REFERENCE}.*", "an http(s) address or `${VARIABLE}`")]
Webhook = Annotated[Annotated[Address, Tag(WRITTEN)] | InPlace, TOLD_BY_WAY]
Channel = Annotated[str, Spelling(r"[#@]?[^\s#@]+", 'a channel, in quotes when it begins with `#`: "#deployments"')]
EmailAddress = Annotated[
    Referring, Spelling(rf"[^@\s,;<>]+@[^@\s,;<>]+|.*{REFERENCE}.*", "an e-mail address or `${VARIABLE}`")
]
_HIGHEST_PORT = 65_535
# As `simulate` has it: with few slots, lower ones bring nothing that batches side by side (k-ary) would not bring at
# less cost where few are bad; with many, higher ones leave slots empty. From ten on every number comes to the same.
_THRESHOLD, _MANY_SLOTS, _THRESHOLD_OF_MANY = 45, 10, 25


def _with_a_port(server: str) -> str:
    port = re.search(r":([^:\]]*)$", server)
    if port and not refers(port[1]) and not (re.fullmatch("[0-9]{1,5}", port[1]) and 0 < int(port[1]) <= _HIGHEST_PORT):
        raise refused("has a port that is none", f"write a port from 1 to {_HIGHEST_PORT}, or leave it out")
    return server


SmtpServer = Annotated[
    Referring,
    Spelling(rf"[^\s/@]+|.*{REFERENCE}.*", "a mail server as `host` or `host:port`, or `${VARIABLE}`"),
    AfterValidator(_with_a_port),
]
Bucket = Annotated[
    Referring, Spelling(rf"[a-z0-9][a-z0-9.-]{{1,61}}[a-z0-9]|.*{REFERENCE}.*", "the name of an S3 bucket")
]
Prefix = Annotated[Referring, Spelling(r"(?!/)[^\\]+", "a key prefix that does not begin with `/`")]


class Organization(Section):
    name: Line = Field(description="The organization's name, as reports spell it.")
    login: Login | None = Field(
        default=None, description="Its login at the code host, owner of repositories named without one; else its name."
    )
    compliance: tuple[Line, ...] = Field(
        default=(), description="The frameworks it answers to, such as SOC2; no effect yet."
    )


class Channels(Section):
    success: Channel | None = Field(default=None, description="Told what landed.")
    failure: Channel | None = Field(default=None, description="Told what failed, and incidents.")
    audit: Channel | None = Field(default=None, description="Told what was recorded, and anomalies.")


class Slack(Section):
    webhook: Webhook = Field(
        description="Address of the incoming webhook; a secret, so write `${VARIABLE}`, or where it is kept."
    )
    channels: Channels = Field(
        default=Channels(),
        description="Which channel hears of what. A webhook of a present-day Slack app ignores it: it has one channel.",
    )


class StartTls(StrEnum):
    AUTO = "auto"
    REQUIRED = "required"
    OFF = "off"


class Email(Section):
    smtp_server: SmtpServer = Field(description="`host` or `host:port` of the mail server; may be `${VARIABLE}`.")
    recipients: tuple[EmailAddress, ...] = Field(min_length=1, description="Who gets the mail.")
    sender: EmailAddress = Field(default="merge-hub@localhost", description="From whom the mail is.")
    starttls: StartTls = Field(
        default=StartTls.AUTO, description="Encryption: when the server offers it, always, or never."
    )
    username: Referring | None = Field(default=None, description="For a server that asks; `${VARIABLE}`.")
    password: Told | None = Field(default=None, description="A secret, so write `${VARIABLE}`, or where it is kept.")

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        if (said.get("username") is None) != (said.get("password") is None):
            yield refused("has only one of `username` and `password`", "give both, or neither")
        if said.get("password") is not None and said.get("starttls") == StartTls.OFF:
            yield refused("is `off`: the password would be sent unencrypted", "write `required`", ("starttls",))


class Notifications(Section):
    slack: Slack | None = Field(default=None, description="Without it nothing is posted to Slack.")
    email: Email | None = Field(default=None, description="Without it no mail is sent.")


class S3Storage(Section):
    type: Literal["s3"] = Field(description="Amazon S3, or what speaks like it.")
    bucket: Bucket = Field(description="A bucket with Object Lock, so that records cannot be changed.")
    region: Referring = Field(description="The bucket's region.")
    prefix: Prefix | None = Field(default=None, description="What every key begins with.")


class LocalStorage(Section):
    type: Literal["local"] = Field(default="local", description="A directory of this machine.")
    path: Referring | None = Field(default=None, description="A directory; else `evidence` under MERGE_HUB_HOME.")


Storage = Annotated[S3Storage | LocalStorage, Field(discriminator="type")]


class Audit(Section):
    enabled: Truth = Field(default=True, description="Whether evidence is kept; nothing lands without.")
    retention_days: Count = Field(
        default=365,
        ge=1,
        le=36_500,
        description="How long evidence on S3 must not go; it is locked 30 days longer. No effect on a directory.",
    )
    database: DatabaseAddress | None = Field(
        default=None,
        description="The PostgreSQL database that has the audit log, such as `postgresql://USER:PASSWORD@HOST/NAME`; "
        "a secret, so write `${VARIABLE}`, or where it is kept. Without it, the file `audit.db` under MERGE_HUB_HOME.",
    )
    storage: Storage = Field(default=LocalStorage(), description="Where evidence is kept.")

    @property
    def locked_days(self) -> int:
        """For how long each object is locked: a month more, so that none goes before all of its time is over."""
        return self.retention_days + 30

    copies: Storage | None = Field(
        default=None, description="A second store, administered by others, that gets a copy of each checkpoint."
    )

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        copies = said.get("copies")
        if isinstance(copies, LocalStorage) and copies.path is None:
            yield refused("would be the store itself", "name another directory as `path`", ("copies",))

    sealing: Sealing = Field(default=Sealing(), description="What the log is signed with.")


class Execution(Section):
    max_workers: Count | None = Field(
        default=None,
        ge=1,
        le=1024,
        description="Gates that one process runs at a time; else twice its cores. Where it is said and leaves room for "
        "a second candidate, what will probably be needed is gated ahead of time.",
    )
    speculation_threshold: Count | None = Field(
        default=None,
        ge=1,
        le=100,
        description="How probable it must be, in percent, that a candidate will have to be gated before it is gated "
        "ahead of time: less lands sooner, more runs fewer gates, 100 runs none that may turn out not to be needed. "
        "Else 45, or 25 where ten candidates or more can be gated at a time.",
    )
    keep_runs: Count = Field(
        default=100,
        ge=1,
        le=100_000,
        description="Of how many runs, the latest, the documents under `runs` are kept, and what Prefect's own "
        "embedded server knows of them. Evidence and the audit log are kept whole.",
    )

    def least_odds(self, slots: int) -> float:
        """The threshold as a probability, where so many candidates can be gated at a time."""
        usual = _THRESHOLD if slots < _MANY_SLOTS else _THRESHOLD_OF_MANY
        return (usual if self.speculation_threshold is None else self.speculation_threshold) / 100


class ChangeSets(Section):
    compensate: Truth = Field(
        default=False,
        description="Whether what has landed of a change set is taken back when the rest of it cannot land. Without, "
        "people are told what has landed and what has not, and decide.",
    )


def repeated_robots(said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
    seen: set[str] = set()
    for position, robot in enumerate(said.get("robots") or ()):
        if str(robot).casefold() in seen:
            yield refused(f"is `{robot}`, which is listed before", "remove one of them", ("robots", position))
        seen.add(str(robot).casefold())


class GlobalFile(Section):
    """What holds for every team: global.yml."""

    organization: Organization = Field(description="Whose hub this is.")
    global_gates: tuple[Gate, ...] = Field(default=(), description="Gates that every team's pull requests pass first.")
    freezes: tuple[Freeze, ...] = Field(default=(), description="When nothing lands, of any team.")
    pause: Pause | None = Field(default=None, description="Stops all landings, of any team.")
    emergency: Emergency | None = Field(
        default=None, description="How two people may let land what is urgent; without it nothing is let pass."
    )
    sign_off: tuple[SignOff, ...] = Field(
        default=(), description="Whose signatures a plan needs, of any team; teams can ask for more, not for less."
    )
    approvals_survive: Survival = Field(
        default=Survival.NOTHING,
        description="What teams may let approvals survive at most: `nothing`, or a `rebase` that changes nothing else.",
    )
    credentials: Credentials = Field(default=Credentials(), description="What merge-hub acts with, and where that is.")
    notifications: Notifications = Field(default=Notifications(), description="Who is told what.")
    audit: Audit = Field(default=Audit(), description="Where evidence is kept, and how long.")
    metrics: Metrics = Field(default=Metrics(), description="Where facts are kept that reports count.")
    hours: Hours | None = Field(
        default=None, description="When people work, unless their team says otherwise; without, no hour is unusual."
    )
    calendar: tuple[Calendar, ...] = Field(
        default=(),
        description="The working days of which working hours are counted, unless a team says otherwise; else as "
        "`hours` says, and without either no working hour is known.",
    )
    anomalies: Anomalies = Field(default=Anomalies(), description="What is out of the ordinary, and raises an alert.")
    change_sets: ChangeSets = Field(
        default=ChangeSets(), description="What becomes of pull requests that are to land together."
    )
    execution: Execution = Field(default=Execution(), description="How much happens at a time.")
    robots: tuple[Robot, ...] = Field(
        default=(),
        description="The accounts that may move target branches without a person, such as `release-bot[bot]`: "
        "reconciliation accounts for what they land, by who the code host says moved the branch.",
    )

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        yield from repeated_robots(said)
        yield from repetitions(said, "name", "global_gates")
        yield from repetitions(said, "name", "freezes")
        yield from calendar_contradictions(said)


class AccessTeam(Section):
    repos: tuple[Repository, ...] | None = Field(
        default=None,
        description="The repositories granted to the team; else all that its file names. `name` alone is the "
        "organization's, or else the team's only repository of that name.",
    )
    approvers: tuple[Approver, ...] | None = Field(
        default=None, description="Whose approvals count for this team's pull requests; else anybody's."
    )


class AccessFile(Section):
    """Whose approvals count, and what each team may land on: access.yml."""

    teams: dict[TeamName, AccessTeam] = Field(description="One entry a team.")
    waiver_approvers: tuple[Approver, ...] = Field(
        default=(), description="Who may allow waivers (policies/waivers.yml); without any there can be none."
    )

    def approvers_of(self, team: str) -> frozenset[str] | None:
        """Whose approvals count; None: anybody's. An empty set means nobody's."""
        entry = self.teams.get(team)
        return None if entry is None or entry.approvers is None else frozenset(entry.approvers)
