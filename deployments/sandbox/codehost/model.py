"""
What the code host remembers beside git: one pydantic model for each kind of record on disk.

People are named by login and repositories by id, because repositories can be renamed. Whatever git knows (heads, trees,
who wrote a commit) is not here, except as the last thing seen, which is how a push is noticed.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Json = dict[str, Any]
Permission = Literal["none", "read", "triage", "write", "maintain", "admin"]
PERMISSIONS: tuple[Permission, ...] = ("none", "read", "triage", "write", "maintain", "admin")


class Entity(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: int


class Account(Entity):
    """`permissions` holds exceptions by repository full name; `permission` is the rule for every other repository."""

    login: str
    type: Literal["User", "Organization", "Bot"] = "User"
    name: str | None = None
    permission: Permission = "write"
    permissions: dict[str, Permission] = Field(default_factory=dict)
    organizations: list[str] = Field(default_factory=list)
    created_at: str


class Team(Entity):
    organization: str
    slug: str
    name: str
    members: list[str] = Field(default_factory=list)
    created_at: str


class RepositoryRecord(Entity):
    """
    `seen` is every branch and tag as last read; a difference to git is a push.

    `signatures` is what is told of the signature of a commit, by its id: no key is ever checked here.
    """

    owner: str
    name: str
    description: str | None = None
    homepage: str | None = None
    private: bool = False
    archived: bool = False
    fork_of: int | None = None
    default_branch: str = "main"
    allow_merge_commit: bool = True
    allow_squash_merge: bool = True
    allow_rebase_merge: bool = True
    allow_auto_merge: bool = False
    delete_branch_on_merge: bool = False
    has_issues: bool = True
    previous_names: list[str] = Field(default_factory=list)
    next_number: int = 1
    seen: dict[str, str] = Field(default_factory=dict)
    protections: dict[str, Json] = Field(default_factory=dict)
    rulesets: list[Json] = Field(default_factory=list)
    signatures: dict[str, Json] = Field(default_factory=dict)
    created_at: str
    updated_at: str
    pushed_at: str

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


class Label(Entity):
    repository: int
    name: str
    color: str = "ededed"
    description: str | None = None


class Pull(BaseModel):
    """`head_sha` and `base_sha` are as last seen while the pull request was open, and final once it is closed."""

    model_config = ConfigDict(extra="forbid")

    base_ref: str
    base_sha: str
    head_repository: int | None
    head_owner: str
    head_ref: str
    head_sha: str
    draft: bool = False
    merged_at: str | None = None
    merged_by: str | None = None
    merge_commit_sha: str | None = None
    requested_reviewers: list[str] = Field(default_factory=list)
    requested_teams: list[str] = Field(default_factory=list)
    maintainer_can_modify: bool = False


class Issue(Entity):
    repository: int
    number: int
    title: str
    body: str | None = None
    user: str
    state: Literal["open", "closed"] = "open"
    state_reason: str | None = None
    labels: list[str] = Field(default_factory=list)
    assignees: list[str] = Field(default_factory=list)
    locked: bool = False
    created_at: str
    updated_at: str
    closed_at: str | None = None
    closed_by: str | None = None
    pull: Pull | None = None


ReviewState = Literal["PENDING", "APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED"]


class Review(Entity):
    repository: int
    number: int
    user: str
    state: ReviewState
    body: str = ""
    commit_id: str
    created_at: str
    submitted_at: str | None = None


class Comment(Entity):
    repository: int
    number: int
    user: str
    body: str
    created_at: str
    updated_at: str


class Event(Entity):
    """One entry of an issue's timeline; `detail` depends on `event`."""

    repository: int
    number: int
    event: str
    actor: str
    created_at: str
    detail: Json = Field(default_factory=dict)


class Status(Entity):
    repository: int
    sha: str
    state: Literal["error", "failure", "pending", "success"]
    context: str = "default"
    description: str | None = None
    target_url: str | None = None
    creator: str
    created_at: str


class CheckSuite(Entity):
    repository: int
    head_sha: str
    created_at: str


class CheckRun(Entity):
    repository: int
    suite: int
    head_sha: str
    name: str
    status: str = "queued"
    conclusion: str | None = None
    details_url: str | None = None
    external_id: str = ""
    output: Json = Field(default_factory=dict)
    started_at: str | None = None
    completed_at: str | None = None


class Push(Entity):
    """One movement of a branch. `actor` is unknown for pushes over `file://`, which carry no identity."""

    repository: int
    ref: str
    before: str
    after: str
    actor: str | None
    kind: Literal["push", "force_push", "branch_deletion", "branch_creation", "pr_merge"]
    created_at: str


class Hook(Entity):
    repository: int
    config: Json
    events: list[str]
    active: bool = True
    created_at: str
    updated_at: str
    last_code: int | None = None


class Delivery(Entity):
    repository: int
    hook: int
    guid: str
    event: str
    action: str | None
    delivered_at: str
    duration: float
    redelivery: bool
    status: str
    status_code: int
    request_headers: dict[str, str]
    payload: Json
    response_headers: dict[str, str] = Field(default_factory=dict)
    response_body: str | None = None


class InstallationToken(Entity):
    token: str
    installation: int
    expires_at: int
    permissions: dict[str, str] = Field(default_factory=dict)
    repositories: list[int] | None = None
