"""What anybody can see of a repository from outside: the code host's REST API, bare git, and the audit log."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.flows.histories.graph import Graph
from tests.flows.world import Repository

Key = tuple[str, int]
"""A repository by its full name, and a number."""
Event = Mapping[str, Any]

PRIORITIES = {"urgent": 10, "whenever": -5}
SOONER, LATER = "Not-before: 2001-01-01", "Not-before: 2999-01-01"
BEGINNING = datetime(2026, 11, 23, 5, tzinfo=UTC)
STEP = timedelta(minutes=1)
_CHANGE_SET = re.compile(r"^Change-set: (?P<name>\S+)$", re.MULTILINE)
_DEPENDS = re.compile(r"^Depends-on: (?:(?P<repository>\S+/\S+))?#(?P<number>\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Frozen:
    """Nothing lands, or only hotfixes where `hotfix`, from half a step after `first` to half a step after `last`."""

    first: int
    last: int
    hotfix: bool

    @property
    def begins(self) -> datetime:
        return BEGINNING + STEP * (self.first + 0.5)

    @property
    def ends(self) -> datetime:
        return BEGINNING + STEP * (self.last + 0.5)


@dataclass(frozen=True, slots=True)
class Terms:
    """
    What a repository's team demands. `gates` are its required ones, `again` those that look at what has landed.

    `takes_back`: whether what fails then is rolled back. `policy` is what one does about the label `secret`: `block`,
    `warn` or empty; while `paused`, nothing lands.
    """

    method: str
    landing: str
    cap: int
    stage: str
    approvals: int
    gates: tuple[str, ...]
    frozen: Frozen | None = None
    again: tuple[str, ...] = ()
    takes_back: bool = False
    policy: str = ""
    paused: bool = False

    def freeze(self, at: datetime) -> str:
        """`all` where nothing may land, `ordinary` where hotfixes still do, and empty without a freeze."""
        if self.frozen is None or not self.frozen.begins <= at < self.frozen.ends:
            return ""
        return "ordinary" if self.frozen.hotfix else "all"


@dataclass(frozen=True, slots=True)
class Pull:
    number: int
    branch: str
    head: str
    target: str
    state: str
    draft: bool
    author: str
    labels: frozenset[str]
    needs: tuple[Key, ...]
    postponed: bool
    change_set: str | None
    commits: frozenset[str]
    writers: frozenset[str]
    votes: Mapping[str, tuple[str, str]]
    """By person: the state of the last review that says something, and the commit that it was given to."""

    def may_land(self, terms: Terms, at: datetime) -> bool:
        """By its own facts, whatever gates say and others do."""
        return (
            (self.state, self.target, self.draft) == ("open", "main", False)
            and "ready" in self.labels
            and "wip" not in self.labels
            and all(state != "CHANGES_REQUESTED" for state, _ in self.votes.values())
            and len(self.approvers()) >= terms.approvals
            and not (terms.policy == "block" and "secret" in self.labels)
            and not terms.paused
            and not self.postponed
            and terms.stage == "merge"
            and terms.freeze(at) != "all"
            and bool(terms.gates)
        )

    @property
    def urgency(self) -> tuple[bool, int]:
        """Whether it is a hotfix, and its priority."""
        given = [PRIORITIES[label] for label in self.labels & PRIORITIES.keys()]
        return "hotfix" in self.labels, max(given, default=0)

    def approvers(self) -> set[str]:
        given = {who for who, vote in self.votes.items() if vote == ("APPROVED", self.head)}
        return given - self.writers - {self.author}


@dataclass(frozen=True, slots=True)
class Facts:
    """`landed` are the numbers of all that came to the target branch, by whomever; `gone` were taken back again."""

    repository: str
    graph: Graph
    tip: str
    pulls: Mapping[int, Pull]
    landed: frozenset[int]
    gone: frozenset[int] = frozenset()

    @property
    def there(self) -> frozenset[int]:
        return self.landed - self.gone

    @property
    def open(self) -> list[Pull]:
        return [pull for pull in self.pulls.values() if pull.state == "open"]


def look(repository: Repository, graph: Graph, events: Iterable[Event]) -> Facts:
    """`events` are those of this repository."""
    return _look(repository, graph, events, None)


def glance(repository: Repository, before: Facts) -> Facts:
    """Without asking again who wrote and reviewed what is there already."""
    return replace(_look(repository, before.graph, (), before), landed=before.landed, gone=before.gone)


def _look(repository: Repository, graph: Graph, events: Iterable[Event], before: Facts | None) -> Facts:
    listed = repository.rest("GET", "/pulls?state=all&per_page=100")
    graph.look()
    completed = {int(event["subject"]["pull_request"]) for event in events if event["type"] == "merge.completed"}
    known = {} if before is None else before.pulls
    pulls = {int(each["number"]): _pull(repository, each, known.get(int(each["number"]))) for each in listed}
    merged = {number for number, pull in pulls.items() if pull.state == "merged"}
    tip = repository.tip()
    assert tip is not None
    gone = {each for event in events if event["type"] == "rollback.completed" for each in _taken_back(event)}
    return Facts(repository.full_name, graph, tip, pulls, frozenset(merged | completed), frozenset(gone))


_AIMED_ELSEWHERE = frozenset({"base_ref_changed", "automatic_base_change_succeeded"})


def _taken_back(event: Event) -> list[int]:
    return list(event["subject"]["pull_requests"])


def _pull(repository: Repository, listed: Mapping[str, Any], known: Pull | None) -> Pull:
    number, state = int(listed["number"]), "merged" if listed["merged_at"] else str(listed["state"])
    ask = state == "open" and known is None
    reviews = repository.rest("GET", f"/pulls/{number}/reviews?per_page=100") if ask else []
    events = repository.rest("GET", f"/issues/{number}/events?per_page=100") if ask else []
    commits = repository.rest("GET", f"/pulls/{number}/commits?per_page=100") if ask else []
    people = (commit[role] for commit in commits for role in ("author", "committer"))
    return Pull(
        number=number,
        branch=str(listed["head"]["ref"]),
        head=str(listed["head"]["sha"]),
        target=str(listed["base"]["ref"]),
        state=state,
        draft=bool(listed["draft"]),
        author=str(listed["user"]["login"]),
        labels=frozenset(label["name"] for label in listed["labels"]),
        needs=_needs(str(listed["body"] or ""), repository.full_name),
        postponed=LATER in str(listed["body"] or ""),
        change_set=named["name"] if (named := _CHANGE_SET.search(str(listed["body"] or ""))) else None,
        commits=known.commits if known else frozenset(str(commit["sha"]) for commit in commits),
        writers=known.writers if known else frozenset(str(person["login"]) for person in people if person),
        votes=known.votes if known else _votes(reviews, events),
    )


def _needs(body: str, here: str) -> tuple[Key, ...]:
    return tuple((found["repository"] or here, int(found["number"])) for found in _DEPENDS.finditer(body))


def _votes(reviews: Sequence[Mapping[str, Any]], events: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """Whoever approved up to the second in which its target was changed has approved something else."""
    aimed = max((str(event["created_at"]) for event in events if event["event"] in _AIMED_ELSEWHERE), default="")
    said = [
        {**review, "state": "OUTDATED"}
        if review["state"] == "APPROVED" and str(review["submitted_at"]) <= aimed
        else review
        for review in reviews
        if review["state"] not in {"COMMENTED", "PENDING"}
    ]
    return {str(review["user"]["login"]): (str(review["state"]), str(review["commit_id"])) for review in said}
