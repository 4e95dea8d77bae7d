"""The whole configuration, as every step sees it: all files, valid each and together."""

from dataclasses import dataclass, field

from config.errors import UnknownTeam
from config.schema.allowed_signers import AllowedSigners
from config.schema.anomalies import Hours
from config.schema.baseline import BASELINE_POLICIES
from config.schema.calendars import Calendar
from config.schema.organization import AccessFile, GlobalFile, Organization
from config.schema.pause import Pause
from config.schema.policy import PolicyFile
from config.schema.queue import Freeze
from config.schema.sign_off import SignersFile, SignOff
from config.schema.team import Gate, TeamFile
from config.schema.team_rules import policies_of, rules_of_file
from config.schema.waivers import Waiver


def qualified(repository: str, organization: Organization) -> str:
    """`owner/name`; a repository named without an owner is the organization's."""
    return repository if "/" in repository else f"{organization.login or organization.name}/{repository}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The place that names an environment variable."""

    variable: str
    file: str
    line: int | None
    column: int | None
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The place where something is written."""

    file: str
    line: int | None
    column: int | None
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """
    `teams` and `policies` are sorted by name. `digest` covers the bytes of every file that was read.

    `references` are all places that name a variable which something enabled needs, `without_network` those that want a
    gate to have none.
    Repositories and logins are as written; the code host ignores their case, so compare them casefolded.
    """

    global_: GlobalFile
    teams: tuple[TeamFile, ...]
    policies: tuple[PolicyFile, ...] = BASELINE_POLICIES
    access: AccessFile | None = None
    digest: str
    signers: SignersFile | None = None
    allowed_signers: AllowedSigners = field(default_factory=AllowedSigners)
    references: tuple[Reference, ...] = ()
    without_network: tuple[Written, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    @property
    def organization(self) -> Organization:
        return self.global_.organization

    @property
    def team_names(self) -> tuple[str, ...]:
        return tuple(team.name for team in self.teams)

    def team(self, name: str) -> TeamFile:
        for team in self.teams:
            if team.name == name:
                return team
        raise UnknownTeam(name, self.team_names)

    def repositories_of(self, team: TeamFile) -> tuple[str, ...]:
        return tuple(qualified(repository, self.organization) for repository in team.team.repos)

    def gates_for(self, team: TeamFile) -> tuple[Gate, ...]:
        return self.global_.global_gates + team.gates

    def policies_for(self, team: TeamFile) -> tuple[PolicyFile, ...]:
        """The organization's, with what the team has in the place of some rules or beside them."""
        return policies_of((*self.policies, *rules_of_file(team)), team.name)

    def freezes_for(self, team: TeamFile, repository: str) -> tuple[Freeze, ...]:
        """The organization's and then the team's, of those that are about this repository and the team's target."""
        return tuple(
            freeze
            for freeze in self.global_.freezes + team.freezes
            if self._is_about(freeze.repositories, repository)
            and (not freeze.targets or team.scope.target in freeze.targets)
        )

    def _is_about(self, named: tuple[str, ...], repository: str) -> bool:
        names = {qualified(each, self.organization).casefold() for each in named}
        return not names or repository.casefold() in names

    def pauses_for(self, team: TeamFile) -> tuple[Pause, ...]:
        """The organization's and then the team's, whether or not they are over."""
        return tuple(pause for pause in (self.global_.pause, team.pause) if pause is not None)

    def hours_for(self, team: TeamFile) -> Hours | None:
        """When its people work; None: nobody said."""
        return team.hours or self.global_.hours

    def calendar_for(self, team: TeamFile) -> tuple[Calendar, ...]:
        """The calendars of which its working hours are counted, in the order in which they hold; empty: nobody said."""
        hours = self.hours_for(team)
        return team.calendar or self.global_.calendar or (() if hours is None else (Calendar.of_hours(hours),))

    def waivers_for(self, repository: str) -> tuple[Waiver, ...]:
        """Those about this repository, whether or not they hold."""
        return tuple(each for each in self.waivers if self._is_about((each.scope.repo,), repository))

    def sign_offs_for(self, team: TeamFile) -> tuple[SignOff, ...]:
        """The organization's and then the team's: each stands by itself, so that none takes back another."""
        return self.global_.sign_off + team.policies.sign_off

    def approvers_for(self, team: TeamFile) -> frozenset[str] | None:
        """Whose approvals count; None: anybody's. An empty set means nobody's."""
        return self.access.approvers_of(team.name) if self.access else None
