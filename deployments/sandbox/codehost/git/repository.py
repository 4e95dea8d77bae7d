"""One bare repository: its references, and objects read and written."""

import re
from collections.abc import Mapping
from pathlib import Path

from .commits import Commit, Signature, parse_batch
from .graph import CommitGraph
from .process import ZERO, GitError, run_git

OBJECT_ID = re.compile(r"^[0-9a-f]{40}$")
ABBREVIATED = re.compile(r"^[0-9a-f]{7,40}$")
HEADS = "refs/heads/"
HOOKS = Path(__file__).with_name("hooks")
CONFIGURATION = """\
[uploadpack]
	allowAnySHA1InWant = true
	allowFilter = true
[http]
	receivepack = true
[receive]
	hideRefs = refs/pull
	autogc = false
[gc]
	auto = 0
"""


class StaleReference(Exception):
    """The reference is no longer where the caller thought."""


class GitRepository:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.graph = CommitGraph(directory)

    @classmethod
    def create(cls, directory: Path, default_branch: str) -> "GitRepository":
        directory.mkdir(parents=True)
        run_git(directory, "init", "--quiet", "--bare", f"--initial-branch={default_branch}", "--template=")
        with (directory / "config").open("a") as file:
            file.write(CONFIGURATION)
        (directory / "hooks").mkdir(exist_ok=True)
        for hook in HOOKS.iterdir():
            target = directory / "hooks" / hook.name
            target.write_text(hook.read_text())
            target.chmod(0o755)
        return cls(directory)

    def move(self, directory: Path) -> None:
        directory.parent.mkdir(parents=True, exist_ok=True)
        self.directory.rename(directory)
        self.directory = self.graph.directory = directory

    def references(self) -> dict[str, str]:
        """Every reference by its full name; a tag object counts as itself."""
        output = run_git(self.directory, "for-each-ref", "--format=%(objectname) %(refname)")
        pairs = (line.split(" ", 1) for line in output.decode().splitlines())
        return {name: oid for oid, name in pairs}

    def update(self, reference: str, new: str, old: str | None = None) -> None:
        """`old` of zeros: must not exist yet. `new` of zeros deletes."""
        arguments = [new] if old is None else [new, old]
        try:
            run_git(self.directory, "update-ref", "--no-deref", "--", reference, *arguments)
        except GitError as error:
            if old is not None and ("but expected" in error.output or "already exists" in error.output):
                raise StaleReference(reference) from error
            raise

    def delete(self, reference: str) -> None:
        run_git(self.directory, "update-ref", "--no-deref", "-d", "--", reference)

    def set_head(self, branch: str) -> None:
        run_git(self.directory, "symbolic-ref", "HEAD", HEADS + branch)

    def valid_reference(self, name: str) -> bool:
        try:
            run_git(self.directory, "check-ref-format", name)
        except GitError:
            return False
        return True

    def resolve(self, expression: str) -> str | None:
        """What `git rev-parse` makes of it; None if nothing."""
        if not expression or expression.startswith(("-", "^")) or "\n" in expression or "\x00" in expression:
            return None
        output = run_git(self.directory, "rev-parse", "--verify", "--quiet", expression, accepted=(0, 1, 128))
        return output.decode().strip() or None

    def commit_named(self, name: str) -> Commit | None:
        """By branch, tag, full reference, or object id (abbreviated too), in this order."""
        if OBJECT_ID.match(name):
            return self.graph.get(name)
        candidates = [HEADS + name, f"refs/tags/{name}", name if name.startswith("refs/") else f"refs/{name}"]
        if ABBREVIATED.match(name) or name == "HEAD":
            candidates.append(name)
        for candidate in candidates:
            oid = self.resolve(candidate + "^{commit}")
            if oid:
                return self.graph.get(oid)
        return None

    def object(self, oid: str) -> tuple[str, bytes] | None:
        """Type and content."""
        output = run_git(self.directory, "cat-file", "--batch", stdin=oid.encode() + b"\n")
        return next(((kind, content) for _, kind, content in parse_batch(output)), None)

    def kind(self, oid: str) -> str | None:
        output = run_git(self.directory, "cat-file", "-t", oid, accepted=(0, 128))
        return output.decode().strip() or None

    def write_blob(self, content: bytes) -> str:
        return run_git(self.directory, "hash-object", "-w", "--stdin", stdin=content).decode().strip()

    def write_commit(
        self, tree: str, parents: tuple[str, ...], message: str, *, author: Signature, committer: Signature
    ) -> Commit:
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        text = "\n".join([*lines, f"author {author.line}", f"committer {committer.line}", "", message])
        raw = run_git(
            self.directory, "hash-object", "-t", "commit", "-w", "--stdin", stdin=text.encode(errors="replace")
        )
        return self.graph[raw.decode().strip()]

    def fetch(self, source: Path, mapping: Mapping[str, str]) -> None:
        """Copies objects and references, forced; from reference to reference."""
        specifications = [f"+{remote}:{local}" for remote, local in mapping.items()]
        run_git(self.directory, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", str(source), *specifications)


__all__ = ["HEADS", "OBJECT_ID", "ZERO", "GitRepository", "StaleReference"]
