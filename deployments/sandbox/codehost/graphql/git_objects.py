"""Commits, trees, blobs, tags, and who made a commit."""

from typing import TYPE_CHECKING, Any

from deployments.sandbox.codehost.git.commits import Commit, Signature
from deployments.sandbox.codehost.git.process import EMPTY_TREE
from deployments.sandbox.codehost.git.trees import list_tree
from deployments.sandbox.codehost.host import WEB_FLOW
from deployments.sandbox.codehost.pulls import pulls_of_commit
from deployments.sandbox.codehost.render.nodes import node_id
from deployments.sandbox.codehost.signatures import Verdict, verdict_on

from .checks import RollupObject, StatusObject, SuiteObject, rollup_of
from .connections import Connection, Window
from .repositories import RepositoryObject, pull_connection

if TYPE_CHECKING:
    from .context import Context


class GitObject:
    kind = "GO"

    def __init__(self, repository: RepositoryObject, oid: str) -> None:
        self.repository = repository
        self.oid = oid
        self.abbreviated_oid = oid[:7]
        self.id = node_id(self.kind, repository.database_id, oid)
        self.commit_url = f"{repository.url}/commit/{oid}"


class BlobObject(GitObject):
    typename = "Blob"
    kind = "B"

    def __init__(self, repository: RepositoryObject, oid: str, content: bytes) -> None:
        super().__init__(repository, oid)
        self.byte_size = len(content)
        self.is_binary = b"\0" in content
        self.is_truncated = False
        self.text = None if self.is_binary else content.decode(errors="replace")


class TreeObject(GitObject):
    typename = "Tree"
    kind = "TR"

    def entries(self) -> list[dict[str, Any]]:
        return [
            {
                "name": entry.path,
                "path": entry.path,
                "mode": int(entry.mode, 8),
                "type": entry.kind,
                "oid": entry.oid,
                "object": lambda oid=entry.oid: self.repository.context.git_object(self.repository, oid),
            }
            for entry in list_tree(self.repository.hosted.git, self.oid)
        ]


class TagObject(GitObject):
    typename = "Tag"
    kind = "TA"

    def __init__(self, repository: RepositoryObject, oid: str, content: bytes) -> None:
        super().__init__(repository, oid)
        head, _, message = content.decode(errors="replace").partition("\n\n")
        fields = dict(line.split(" ", 1) for line in head.split("\n") if " " in line)
        self.name = fields["tag"]
        self.message = message.rstrip("\n")
        self._target = fields["object"]

    @property
    def target(self) -> Any:
        return self.repository.context.git_object(self.repository, self._target)


class GitActorObject:
    def __init__(self, context: "Context", person: Signature) -> None:
        self.context = context
        self.name = person.name
        self.email = person.email
        self.date = person.date

    @property
    def user(self) -> Any:
        """GitHub's type here is User, so a bot's commits have none."""
        account = self.context.host.account_of_email(self.email)
        return self.context.account(account) if account and account.type == "User" else None

    def avatar_url(self, size: int | None = None) -> str:
        del size
        return f"{self.context.public_url}/avatars/{self.email}"


class SignatureObject:
    def __init__(self, context: "Context", verdict: Verdict, commit: Commit) -> None:
        self.context = context
        self.verdict = verdict
        self.typename = verdict.kind
        self.email = commit.committer.email
        self.is_valid = verdict.valid
        self.payload = ""
        self.signature = commit.signature
        self.state = verdict.state
        self.was_signed_by_git_hub = verdict.signer == WEB_FLOW

    @property
    def signer(self) -> Any:
        account = self.context.host.account(self.verdict.signer) if self.verdict.signer else None
        return self.context.account(account) if account is not None else None


class CommitObject(GitObject):
    typename = "Commit"
    kind = "C"

    def __init__(self, repository: RepositoryObject, commit: Commit) -> None:
        super().__init__(repository, commit.oid)
        self.record = commit
        self.message = commit.message
        self.message_headline = commit.headline
        self.message_body = commit.body
        self.authored_date = commit.author.date
        self.committed_date = commit.committer.date
        self.url = self.commit_url

    @property
    def author(self) -> GitActorObject:
        return GitActorObject(self.repository.context, self.record.author)

    @property
    def committer(self) -> GitActorObject:
        return GitActorObject(self.repository.context, self.record.committer)

    def authors(self, **window: Any) -> Connection:
        people = self.record.co_authors
        return Connection(people, lambda one: GitActorObject(self.repository.context, one), Window(**window))

    @property
    def tree(self) -> TreeObject:
        return TreeObject(self.repository, self.record.tree)

    def parents(self, **window: Any) -> Connection:
        return Connection(self.record.parents, self._commit, Window(**window))

    def history(self, since: str | None = None, until: str | None = None, **window: Any) -> Connection:
        commits = [
            commit
            for commit in self.repository.hosted.git.graph.newest_first([self.oid])
            if (not since or commit.committer.date >= since) and (not until or commit.committer.date <= until)
        ]
        return Connection(commits, lambda commit: CommitObject(self.repository, commit), Window(**window))

    def associated_pull_requests(self, **window: Any) -> Connection:
        found = pulls_of_commit(self.repository.hosted, self.oid)
        return pull_connection(self.repository, found, None, Window(**window))

    @property
    def status(self) -> StatusObject | None:
        return StatusObject(self) if self.repository.hosted.statuses.get(self.oid) else None

    @property
    def status_check_rollup(self) -> RollupObject | None:
        return rollup_of(self)

    def check_suites(self, **window: Any) -> Connection:
        suite = self.repository.hosted.suites.get(self.oid)
        return Connection([suite] if suite else [], lambda one: SuiteObject(self, one), Window(**window))

    @property
    def signature(self) -> "SignatureObject | None":
        found = verdict_on(self.repository.hosted, self.record)
        return None if found is None else SignatureObject(self.repository.context, found, self.record)

    def additions(self) -> int:
        return sum(change.additions for change in self._changes())

    def deletions(self) -> int:
        return sum(change.deletions for change in self._changes())

    def changed_files_if_available(self) -> int:
        return len(self._changes())

    def _changes(self) -> Any:
        hosted = self.repository.hosted
        parent = hosted.git.graph[self.record.parents[0]].tree if self.record.parents else EMPTY_TREE
        return hosted.diffs.changes(parent, self.record.tree)

    def _commit(self, oid: str) -> "CommitObject":
        return CommitObject(self.repository, self.repository.hosted.git.graph[oid])
