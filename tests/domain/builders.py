"""Domain values that are valid unless a test says otherwise: an approved pull request, a team that lands."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from config.schema import (
    BASELINE_POLICIES,
    Filters,
    Freeze,
    Gate,
    Landing,
    MergeMethod,
    PolicyFile,
    Queue,
    Stage,
    digest_of_rules,
)
from tasks.domain.audit import Event, RepositoryIdentity
from tasks.domain.gates import Candidate, Evaluation, GateResult, Verdict
from tasks.domain.model import (
    Circumstances,
    Commit,
    CommitSha,
    Contribution,
    Digest,
    FileChange,
    HeadStatus,
    Login,
    Mergeability,
    PullRequest,
    Reference,
    RelatedState,
    RepositoryName,
    Review,
    ReviewState,
    Snapshot,
    TreeSha,
)
from tasks.domain.records import Recorder
from tasks.domain.rules import Rules

REPOSITORY = RepositoryName("acme/web")
BASE = CommitSha("b" * 40)
ENVIRONMENT = Digest("sha256:" + "e" * 64)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
AT_HEAD = CommitSha("at-head")
"""Stands for the head of the pull request that a review or a commit is given to."""


def sha(seed: int) -> CommitSha:
    return CommitSha(f"{seed:040x}")


def reference(number: int, repository: str = REPOSITORY) -> Reference:
    return Reference(RepositoryName(repository), number)


def review(
    reviewer: str | None = "carol",
    state: ReviewState = ReviewState.APPROVED,
    *,
    commit: str | None = AT_HEAD,
    by_bot: bool = False,
    by_hub: bool = False,
    may_write: bool = True,
    submitted_at: datetime | None = NOON,
    identifier: str | None = None,
) -> Review:
    return Review(
        identifier=identifier or f"review-of-{reviewer}",
        reviewer=None if reviewer is None else Login(reviewer),
        by_bot=by_bot,
        by_hub=by_hub,
        may_write=may_write,
        state=state,
        commit=None if commit is None else CommitSha(commit),
        submitted_at=submitted_at,
    )


def approval(
    reviewer: str | None = "carol",
    *,
    commit: str | None = AT_HEAD,
    by_bot: bool = False,
    by_hub: bool = False,
    may_write: bool = True,
    submitted_at: datetime | None = NOON,
) -> Review:
    return review(reviewer, commit=commit, by_bot=by_bot, by_hub=by_hub, may_write=may_write, submitted_at=submitted_at)


def commit(*contributors: str | None, sha: str = AT_HEAD) -> Commit:
    return Commit(CommitSha(sha), tuple(None if name is None else Login(name) for name in contributors))


def pull_request(
    number: int = 1,
    *,
    title: str | None = None,
    body: str = "",
    author: str | None = "alice",
    draft: bool = False,
    target: str = "main",
    head: str | None = None,
    labels: Iterable[str] = (),
    reviews: tuple[Review, ...] | None = None,
    commits: tuple[Commit, ...] | None = None,
    statuses: tuple[HeadStatus, ...] = (),
    retry_requested: str | None = None,
    created_at: datetime = NOON,
) -> PullRequest:
    """Written by its author in one commit and approved by carol at its head; further fields by `replace`."""
    at = CommitSha(head) if head is not None else sha(number)
    given = (approval(),) if reviews is None else reviews
    written = (commit(author),) if commits is None else commits
    return PullRequest(
        number=number,
        title=f"Change {number}" if title is None else title,
        body=body,
        url=f"https://github.com/{REPOSITORY}/pull/{number}",
        author=None if author is None else Login(author),
        draft=draft,
        open=True,
        target=target,
        head=at,
        head_branch=f"change-{number}",
        labels=frozenset(labels),
        asked=(),
        last_pusher=None,
        reviews=tuple(replace(one, commit=at) if one.commit == AT_HEAD else one for one in given),
        commits=tuple(replace(one, sha=at) if one.sha == AT_HEAD else one for one in written),
        commit_count=len(written),
        statuses=statuses,
        mergeability=Mergeability.UNKNOWN,
        created_at=created_at,
        target_since=created_at,
        retry_requested=retry_requested,
    )


def contribution(*paths: str, number: int = 1, **facts: Any) -> Contribution:
    """Of the pull request `number`, two lines in each of `paths`."""
    made = Contribution(
        head=sha(number),
        base=BASE,
        files=tuple(FileChange(path, 2) for path in paths or ("src/app.py",)),
        complete=True,
        commits=(sha(number),),
        merges=(),
        behind=0,
        behind_since=None,
    )
    return replace(made, **facts)


def snapshot(
    *pull_requests: PullRequest,
    related: Mapping[Reference, RelatedState] | None = None,
    groups: Mapping[str, frozenset[Login]] | None = None,
    repository: str = REPOSITORY,
    repository_id: str = "1001",
    target: str = "main",
    base: str = BASE,
) -> Snapshot:
    return Snapshot(
        repository=RepositoryName(repository),
        repository_id=repository_id,
        target=target,
        base=CommitSha(base),
        pull_requests=tuple(sorted(pull_requests, key=lambda one: one.number)),
        related=related or {},
        circumstances=Circumstances(groups=groups or {}),
    )


def gate(
    name: str = "unit",
    command: str = "make test",
    *,
    timeout: int = 600,
    required: bool = True,
    cache: str = "1d",
    environment: str | None = None,
) -> Gate:
    return Gate(name=name, command=command, timeout=timeout, required=required, cache=cache, environment=environment)


def taken(event: Event, at: datetime = NOON) -> Event:
    """As the log gives it back that took it then."""
    return event.model_copy(update={"time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z")})


def rules(
    *,
    team: str = "platform",
    repository: str = REPOSITORY,
    target: str = "main",
    filters: Filters | None = None,
    gates: tuple[Gate, ...] | None = None,
    batch_cap: int = 10,
    landing: Landing = Landing.FAST_FORWARD,
    method: MergeMethod = MergeMethod.MERGE,
    stage: Stage = Stage.MERGE,
    policies: tuple[PolicyFile, ...] = BASELINE_POLICIES,
    approvers: Iterable[str] | None = None,
    audited: bool = True,
    queue: Queue | None = None,
    freezes: tuple[Freeze, ...] = (),
    others: frozenset[str] = frozenset(),
) -> Rules:
    """One required gate, one independent approval, the baseline policies, an audit log."""
    return Rules(
        organization="AcmeCorp",
        login="acme",
        team=team,
        repository=RepositoryName(repository),
        target=target,
        filters=filters or Filters(),
        gates=(gate(),) if gates is None else gates,
        batch_cap=batch_cap,
        landing=landing,
        method=method,
        stage=stage,
        policies=policies,
        policy_digest=digest_of_rules(policies),
        configuration_digest="sha256:" + "c0" * 32,
        approvers=None if approvers is None else frozenset(Login(name) for name in approvers),
        audited=audited,
        queue=queue or Queue(),
        freezes=freezes,
        others=others,
    )


def tree(*members: int) -> TreeSha:
    """The tree of the candidate with these members; that of the base without any."""
    return TreeSha("7ree" + "-".join(str(number) for number in members).rjust(36, "0"))


def candidate(*members: int, base: str = BASE) -> Candidate:
    named = "-".join(str(number) for number in members).rjust(36, "0")
    commit = CommitSha(f"c0de{named}") if members else CommitSha(base)
    return Candidate(members, CommitSha(base), commit, tree(*members))


def gate_result(
    name: str = "unit",
    verdict: Verdict = Verdict.PASSED,
    *,
    required: bool = True,
    exit_code: int | None = None,
    seconds: float = 1.5,
    cached: bool = False,
) -> GateResult:
    log = Digest("sha256:" + "1" * 64)
    return GateResult(name, required, verdict, exit_code, seconds, log, cached)


def evaluation(*members: int, results: tuple[GateResult, ...] | None = None, base: str = BASE) -> Evaluation:
    """Green unless its results say otherwise."""
    return Evaluation(candidate(*members, base=base), (gate_result(),) if results is None else results)


def red(*members: int, verdict: Verdict = Verdict.FAILED, exit_code: int | None = 1, base: str = BASE) -> Evaluation:
    return evaluation(*members, results=(gate_result(verdict=verdict, exit_code=exit_code),), base=base)


def recorder(*, organization: str = "AcmeCorp", repository_id: str = "1001", repository: str = REPOSITORY) -> Recorder:
    return Recorder(organization, "platform", RepositoryIdentity(id=repository_id, name=repository))
