"""What the organization decided for one repository: the team's file and the global one, read together."""

from dataclasses import dataclass

from pydantic import JsonValue

from config.schema import (
    AfterLanding,
    Configuration,
    Emergency,
    Filters,
    Freeze,
    Gate,
    Hotfix,
    Landing,
    MergeMethod,
    Pause,
    PolicyFile,
    Queue,
    SignersFile,
    SignOff,
    Stage,
    Survival,
    TeamFile,
    Waiver,
    digest_of_rules,
)
from tasks.domain.canonical import canonical_json, digest_of
from tasks.domain.model import Login, RepositoryName


@dataclass(frozen=True, slots=True)
class Rules:
    """
    `organization` is the name that records carry, `login` its account on the code host.

    `configuration_digest` is for the record too, and decides nothing: a comment changes it.

    `gates` are the global ones and then the team's; `batch_cap` is the largest group that is tested together;
    `approvers` is None where access control names nobody, so that everyone with write access counts. Nothing lands
    where it is not `audited`. `freezes` are the organization's and the team's that are about this repository and its
    target. `others` are the names of all other repositories that are configured, casefolded.

    `slots` candidates are gated at a time; a second one only where it will be needed with a probability of at least
    `least_odds`. Where it is `thorough`, every gate comes to its end also when another one has failed.
    `sign_offs` are the signatures that a plan needs, the organization's and the team's, and `signers` who gives them.
    `pauses` are those that stand in files, `waivers` those that are about this repository.
    `emergency` is None where nothing is ever let pass for one. `robots` may move the target branch without a person.

    `approvals_survive` says whether an approval outlives the head that it was given to.

    `post_landing` is what is asked of what has landed; `rolls_back` says that it is taken back where that says no.
    """

    organization: str
    login: str
    team: str
    repository: RepositoryName
    target: str
    filters: Filters
    gates: tuple[Gate, ...]
    batch_cap: int
    landing: Landing
    method: MergeMethod
    stage: Stage
    policies: tuple[PolicyFile, ...]
    policy_digest: str
    configuration_digest: str
    approvers: frozenset[Login] | None
    audited: bool
    queue: Queue
    freezes: tuple[Freeze, ...]
    others: frozenset[str] = frozenset()
    slots: int = 1
    least_odds: float = 0.45
    thorough: bool = False
    post_landing: tuple[AfterLanding, ...] = ()
    rolls_back: bool = False
    approvals_survive: Survival = Survival.NOTHING
    sign_offs: tuple[SignOff, ...] = ()
    signers: SignersFile | None = None
    pauses: tuple[Pause, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    emergency: Emergency | None = None
    robots: frozenset[Login] = frozenset()


def rules_for(configuration: Configuration, team: str, repository: RepositoryName, stage: Stage) -> Rules:
    """The rules for one run; `stage` caps the team's own. Raises UnknownTeam for a team that is not configured."""
    chosen = configuration.team(team)
    approvers = configuration.approvers_for(chosen)
    landing = chosen.policies.landing
    slots = _slots(configuration, chosen) if Stage.lower_of(stage, chosen.stage) is Stage.MERGE else 1
    return Rules(
        organization=configuration.organization.name,
        login=configuration.organization.login or configuration.organization.name,
        team=team,
        repository=repository,
        target=chosen.scope.target,
        filters=chosen.scope.filters,
        gates=configuration.gates_for(chosen),
        # The code host merges one at a time, and each must be gated on the base that it meets.
        batch_cap=1 if landing is Landing.API else chosen.policies.max_prs_per_batch,
        landing=landing,
        method=chosen.policies.method,
        stage=Stage.lower_of(stage, chosen.stage),
        policies=configuration.policies_for(chosen),
        policy_digest=_policy_digest(configuration, chosen, repository),
        configuration_digest=configuration.digest,
        approvers=None if approvers is None else frozenset(Login(name.casefold()) for name in approvers),
        audited=configuration.global_.audit.enabled,
        queue=_with_emergencies(chosen.queue, configuration),
        freezes=configuration.freezes_for(chosen, repository),
        slots=slots,
        least_odds=configuration.global_.execution.least_odds(slots),
        post_landing=chosen.post_landing,
        approvals_survive=chosen.policies.approvals_survive,
        rolls_back=chosen.policies.rollback_on_gate_failure,
        sign_offs=configuration.sign_offs_for(chosen),
        signers=configuration.signers,
        pauses=configuration.pauses_for(chosen),
        waivers=configuration.waivers_for(repository),
        emergency=configuration.global_.emergency,
        robots=frozenset(Login(name.casefold()) for name in configuration.global_.robots),
        others=frozenset(
            name.casefold()
            for each in configuration.teams
            for name in configuration.repositories_of(each)
            if name.casefold() != repository.casefold()
        ),
    )


def _policy_digest(configuration: Configuration, team: TeamFile, repository: RepositoryName) -> str:
    """Of all that is demanded: the signatures that a plan needs are, how long approvals last, and what is waived."""
    demands, survival = configuration.sign_offs_for(team), team.policies.approvals_survive
    waivers = configuration.waivers_for(repository)
    document: dict[str, JsonValue] = {}
    if demands:
        document["sign_off"] = [demand.model_dump(mode="json") for demand in demands]
    if survival is not Survival.NOTHING:
        document["approvals_survive"] = survival.value
    if waivers:
        document["waivers"] = [waiver.model_dump(mode="json") for waiver in waivers]
    rules = digest_of_rules(configuration.policies_for(team))
    return digest_of(canonical_json({"rules": rules, **document})) if document else rules


def _with_emergencies(queue: Queue, configuration: Configuration) -> Queue:
    """Whatever bears their label goes into the hotfix lane."""
    emergency = configuration.global_.emergency
    if emergency is None:
        return queue
    labels = queue.hotfix.labels if queue.hotfix is not None else ()
    return queue.model_copy(update={"hotfix": Hotfix(labels=tuple(dict.fromkeys((*labels, emergency.label))))})


def _slots(configuration: Configuration, team: TeamFile) -> int:
    """
    Without a word on how many gates may run at a time nothing is run that may turn out not to be needed.

    Nor where nothing lands: the next batch is then not what is taken to land on top of this one.
    """
    workers = configuration.global_.execution.max_workers
    return 1 if workers is None else max(1, workers // max(1, len(configuration.gates_for(team))))
