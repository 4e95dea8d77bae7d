"""
Organizations on the sandbox, in the words of the people who work there.

Every commit is a function of what a test says (files, author, the order of commits), so that two sandboxes that are
told the same hold the same commits.
"""

import http.client
import itertools
import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from deployments.sandbox.process import Sandbox

PEOPLE = ("alice", "bob", "carol", "dave", "erin")
ADMINISTRATOR = "root"
HUB = "sandbox-app"
BEGINNING = 1_740_992_400  # 2025-03-03 09:00 UTC

Files = Mapping[str, str | None]
"""Contents by path; None deletes."""


class World:
    """One sandbox; every test makes organizations of its own in it."""

    def __init__(self, sandbox: Sandbox, data: Path) -> None:
        self.sandbox = sandbox
        self.data = data
        self._names = itertools.count(1)
        self._address = urlsplit(sandbox.endpoints.root_url).netloc
        self.environment = sandbox.environment()

    @property
    def root_url(self) -> str:
        return self.sandbox.endpoints.root_url

    def organization(self, login: str | None = None) -> "Organization":
        login = login or f"org-{next(self._names)}"
        people = [{"login": name, "permission": "write", "orgs": [login]} for name in PEOPLE]
        administrator = {"login": ADMINISTRATOR, "permission": "admin", "orgs": [login]}
        self.tell(orgs=[login], users=[*people, administrator])
        return Organization(self, login)

    def tell(self, **world: object) -> None:
        self.ask("POST", "/_sandbox/world", world)

    def fails(self, method: str | None, path: str, **fault: object) -> None:
        self.ask("POST", "/_sandbox/faults", {"match": {"method": method, "path": path}, **fault})

    def recovers(self) -> None:
        self.ask("DELETE", "/_sandbox/faults")

    def forget_requests(self) -> None:
        self.ask("DELETE", "/_sandbox/requests")

    def requests(self) -> list[dict[str, Any]]:
        return list(self.ask("GET", "/_sandbox/requests"))

    def rest(self, method: str, path: str, content: object = None, *, by: str = ADMINISTRATOR) -> Any:
        return self.ask(method, f"/api/v3{path}", content, token=f"sandbox-{by}")

    def ask(self, method: str, path: str, content: object = None, *, token: str = HUB) -> Any:
        headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}
        body = None if content is None else json.dumps(content)
        connection = http.client.HTTPConnection(self._address, timeout=60)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        assert response.status < 400, f"{method} {path}: {response.status} {answer.decode(errors='replace')}"
        return json.loads(answer) if answer else None


@dataclass(slots=True)
class Organization:
    world: World
    login: str
    repositories: list["Repository"] = field(default_factory=list)

    def repository(self, name: str, files: Files | None = None) -> "Repository":
        """A repository with one commit on `main`."""
        made = self.world.rest("POST", f"/orgs/{self.login}/repos", {"name": name})
        repository = Repository(self, name, str(made["id"]))
        self.repositories.append(repository)
        repository.commit("main", {"README.md": f"{name}\n", **(files or {})}, onto=None, by=ADMINISTRATOR)
        return repository

    def team(self, slug: str, *members: str) -> None:
        self.world.tell(teams={f"{self.login}/{slug}": list(members)})

    def leaves(self, slug: str, member: str) -> None:
        self.world.rest("DELETE", f"/orgs/{self.login}/teams/{slug}/memberships/{member}")

    def posts(self) -> list[dict[str, Any]]:
        posts = self.world.ask("GET", "/_sandbox/slack")
        return [post for post in posts if post["hook"] == self.login]

    def mails(self) -> list[dict[str, Any]]:
        mails = self.world.ask("GET", "/_sandbox/mail")
        return [mail for mail in mails if self.mailbox in mail["to"]]

    @property
    def mailbox(self) -> str:
        return f"platform@{self.login}.example"


@dataclass(slots=True)
class Repository:
    organization: Organization
    name: str
    identifier: str
    _moments: Iterator[int] = field(default_factory=lambda: itertools.count(BEGINNING, 3600))

    @property
    def full_name(self) -> str:
        return f"{self.organization.login}/{self.name}"

    @property
    def world(self) -> World:
        return self.organization.world

    @property
    def directory(self) -> Path:
        return self.world.data / "git" / f"{self.full_name}.git"

    def rest(self, method: str, path: str, content: object = None, *, by: str = ADMINISTRATOR) -> Any:
        return self.world.rest(method, f"/repos/{self.full_name}{path}", content, by=by)

    def rename(self, name: str) -> None:
        self.rest("PATCH", "", {"name": name})
        self.name = name

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        command = ["git", f"--git-dir={self.directory}", *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, check=True, env=environment).stdout.decode()

    def commit(
        self, branch: str, files: Files, *, onto: str | None = "main", by: str = "alice", message: str = ""
    ) -> str:
        """Pushes one commit: onto the branch if there is one, else it begins at `onto`."""
        known = self.tip(branch) is not None
        start = branch if known else onto
        person = by if "<" in by else f"{by.title()} <{by}@example.org>"
        when = f"{next(self._moments)} +0000"
        text = (message or f"Change {', '.join(files)}").encode()
        stream = [
            f"commit refs/heads/{branch}\nauthor {person} {when}\ncommitter {person} {when}\n".encode(),
            b"data %d\n%s\n" % (len(text), text),
            b"" if start is None else f"from refs/heads/{start}^0\n".encode(),
            *(_change(path, content) for path, content in files.items()),
        ]
        self.git("fast-import", "--quiet", "--force", stdin=b"".join(stream))
        tip = self.tip(branch)
        assert tip is not None
        return tip

    def sign(self, branch: str, *, by: str) -> str:
        """The tip of the branch, made once more with a signature that the code host takes for that of `by`."""
        head, _, message = self.git("cat-file", "commit", branch).partition("\n\n")
        signed = f"{head}\ngpgsig -----BEGIN SSH SIGNATURE-----\n U1NI\n -----END SSH SIGNATURE-----\n\n{message}"
        commit = self.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=signed.encode()).strip()
        self.point(branch, commit)
        self.world.tell(signatures={self.full_name: {commit: {"signer": by}}})
        return commit

    def point(self, branch: str, commit: str) -> None:
        self.git("update-ref", f"refs/heads/{branch}", commit)

    def tip(self, branch: str = "main") -> str | None:
        try:
            return self.git("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}").strip()
        except subprocess.CalledProcessError:
            return None

    def shown(self) -> dict[str, Any]:
        """What the code host shows of it: every branch, and what became of every pull request."""
        pulls = self.rest("GET", "/pulls?state=all&per_page=100")
        issues = self.rest("GET", "/issues?state=all&per_page=100")
        return {
            "branches": self.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/heads"),
            "pull requests": [
                {name: each[name] for name in ("number", "state", "draft", "title", "body")}
                | {"merged": bool(each["merged_at"]), "head": each["head"]["sha"], "base": each["base"]["ref"]}
                for each in pulls
            ],
            "issues": [(each["number"], each["comments"], [one["name"] for one in each["labels"]]) for each in issues],
        }

    def tree(self, commit: str = "main") -> str:
        return self.git("rev-parse", f"{commit}^{{tree}}").strip()

    def files(self, commit: str = "main") -> dict[str, str]:
        names = self.git("ls-tree", "-r", "-z", "--name-only", commit).split("\0")
        return {name: self.git("show", f"{commit}:{name}") for name in names if name}

    def history(self, since: str, until: str = "main") -> list[str]:
        """The first-parent line after `since`, oldest first."""
        return self.git("rev-list", "--reverse", "--first-parent", f"{since}..{until}").split()

    def contains(self, commit: str, branch: str = "main") -> bool:
        try:
            self.git("merge-base", "--is-ancestor", commit, f"refs/heads/{branch}")
        except subprocess.CalledProcessError:
            return False
        return True

    def pull_request(
        self,
        branch: str,
        files: Files | None = None,
        *,
        by: str = "alice",
        approved_by: Sequence[str] = ("bob",),
        labels: Sequence[str] = (),
        depends_on: Sequence[object] = (),
        onto: str = "main",
        base: str = "main",
        draft: bool = False,
        title: str | None = None,
        body: str = "",
        committed_by: str | None = None,
    ) -> "PullRequest":
        """A branch with one commit (unless it is there already), proposed, labelled and approved."""
        if self.tip(branch) is None:
            self.commit(branch, files or {f"{branch}.txt": f"{branch}\n"}, onto=onto, by=committed_by or by)
        lines = [body, *(f"Depends-on: {needed}" for needed in depends_on)]
        proposal = {"title": title or f"Bring {branch}", "head": branch, "base": base, "draft": draft}
        made = self.rest("POST", "/pulls", {**proposal, "body": "\n".join(lines)}, by=by)
        pull_request = PullRequest(self, int(made["number"]), branch, by)
        if labels:
            pull_request.label(*labels)
        for reviewer in approved_by:
            pull_request.approve(reviewer)
        return pull_request


def _change(path: str, content: str | None) -> bytes:
    if content is None:
        return f"D {path}\n".encode()
    data = content.encode()
    return b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data)


@dataclass(frozen=True, slots=True)
class PullRequest:
    repository: Repository
    number: int
    branch: str
    author: str

    def __str__(self) -> str:
        return f"{self.repository.full_name}#{self.number}"

    @property
    def head(self) -> str:
        tip = self.repository.tip(self.branch)
        assert tip is not None
        return tip

    @property
    def state(self) -> str:
        """open, closed or merged, as the code host shows it."""
        shown = self.shown()
        return "merged" if shown["merged"] else str(shown["state"])

    def shown(self) -> dict[str, Any]:
        return dict(self._rest("GET", "/pulls/{}"))

    def push(self, files: Files, *, by: str | None = None) -> str:
        return self.repository.commit(self.branch, files, by=by or self.author)

    def approve(self, by: str, event: str = "APPROVE", *, text: str = "Looked at it.") -> int:
        return int(self._rest("POST", "/pulls/{}/reviews", {"event": event, "body": text}, by=by)["id"])

    def dismiss(self, review: int) -> None:
        self._rest("PUT", f"/pulls/{{}}/reviews/{review}/dismissals", {"message": "Not any more."})

    def reviews(self) -> list[dict[str, Any]]:
        return list(self._rest("GET", "/pulls/{}/reviews?per_page=100"))

    def commits(self) -> list[dict[str, Any]]:
        return list(self._rest("GET", "/pulls/{}/commits?per_page=100"))

    def label(self, *labels: str) -> None:
        self._rest("POST", "/issues/{}/labels", {"labels": list(labels)})

    def unlabel(self, label: str) -> None:
        self._rest("DELETE", f"/issues/{{}}/labels/{quote(label)}")

    def edit(self, **changes: object) -> None:
        self._rest("PATCH", "/pulls/{}", changes)

    def close(self) -> None:
        self.edit(state="closed")

    def redraft(self, *, draft: bool) -> None:
        mutation = "convertPullRequestToDraft" if draft else "markPullRequestReadyForReview"
        document = f"mutation($i:ID!){{{mutation}(input:{{pullRequestId:$i}}){{pullRequest{{isDraft}}}}}}"
        change = {"query": document, "variables": {"i": self.shown()["node_id"]}}
        self.repository.world.ask("POST", "/api/graphql", change, token=f"sandbox-{ADMINISTRATOR}")

    def comments(self) -> list[str]:
        return [comment["body"] for comment in self._rest("GET", "/issues/{}/comments?per_page=100")]

    def _rest(self, method: str, path: str, content: object = None, *, by: str = ADMINISTRATOR) -> Any:
        return self.repository.rest(method, path.format(self.number), content, by=by)
