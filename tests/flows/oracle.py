"""
What must land, worked out from scratch: made-up organizations, and who of them may land by the words of the contract.

Nothing here knows how merge-hub decides. A pull request is a few files and a few facts; a branch is a set of files;
files that two bring with different contents conflict; the gate is a rule over sets of files that nothing added can
turn green again, so that the order of the search for culprits does not matter.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.flows.hub import Hub
from tests.flows.world import PullRequest, Repository

GATE = "! ls | grep -q ^broken && ! test -e fire -a -e water"
LABEL, EXCLUDED = "ready", "wip"
REVIEWERS = ("bob", "carol", "dave", "erin")
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Told:
    """A pull request as people made it. `author` wrote it, `helper` too where there is one."""

    repository: str
    number: int
    files: Mapping[str, str]
    author: str = "alice"
    helper: str | None = None
    approved_by: tuple[str, ...] = ("bob",)
    stale_by: tuple[str, ...] = ()
    vetoed_by: str | None = None
    labels: tuple[str, ...] = (LABEL,)
    draft: bool = False
    needs: tuple[Key, ...] = ()
    stacked_on: int | None = None

    @property
    def key(self) -> Key:
        return self.repository, self.number


@dataclass(frozen=True, slots=True)
class Made:
    """An organization: what its one team demands, and its pull requests by repository and number."""

    repositories: tuple[str, ...]
    approvals: int
    cap: int
    landing: str
    method: str
    pull_requests: tuple[Told, ...]


def imagine(seed: int) -> Made:
    """The same organization for the same seed."""
    dice = random.Random(seed)  # noqa: S311 -- not for secrets
    repositories = ("api", "web") if dice.random() < 0.25 else ("api",)
    landing = dice.choices(["fast-forward", "api"], [3, 1])[0]
    pulls: list[Told] = []
    for repository in repositories:
        count = dice.randint(3, 9) if landing == "fast-forward" else dice.randint(2, 5)
        for number in range(1, count + 1):
            pulls.append(_imagine_one(dice, repository, number, count, pulls))
    return Made(
        repositories=repositories,
        approvals=dice.choice([1, 1, 2]),
        cap=dice.choice([1, 2, 3, 10]),
        landing=landing,
        method=dice.choice(["merge", "squash", "rebase"]),
        pull_requests=tuple(pulls),
    )


def _imagine_one(dice: random.Random, repository: str, number: int, count: int, before: Sequence[Told]) -> Told:
    elsewhere = [each.key for each in before if each.repository != repository]
    if elsewhere and dice.random() < 0.3:
        # Which of two repositories is first is not decided, so what waits for the other one is in nobody's way.
        return Told(repository, number, {f"{repository}-{number}.txt": "x"}, needs=(dice.choice(elsewhere),))
    files = {f"own-{number}.txt": "x"}
    match dice.choices(["plain", "broken", "fire", "water", "clash"], [5, 1, 1, 1, 2])[0]:
        case "plain":
            pass
        case "clash":
            files[f"clash-{dice.randint(1, 2)}.txt"] = f"{number}"
        case "broken":
            files[f"broken-{number}"] = "x"
        case other:
            files[other] = "x"
    here = [each for each in before if each.repository == repository and _lands_if_green(each)]
    lower = dice.choice(here).number if here and dice.random() < 0.15 else None
    below = [each for each in here if each.number == lower]
    files = {**(below[0].files if below else {}), **files}
    # An approval by the author of the lower one counts once that one has landed, which the next run finds out.
    unclear = {each.author for each in below}
    needs = tuple((repository, dice.randint(1, count)) for _ in range(dice.choices([0, 1, 2], [6, 3, 1])[0]))
    return Told(
        repository,
        number,
        files,
        author=dice.choice(["alice", "bob"]) if lower is None else "alice",
        helper=dice.choice([None, None, None, "carol"]) if lower is None else None,
        approved_by=tuple(
            reviewer
            for reviewer in dice.sample(REVIEWERS, dice.choices([0, 1, 2, 3], [1, 2, 4, 4])[0])
            if reviewer not in unclear
        ),
        stale_by=("dave",) if dice.random() < 0.1 else (),
        vetoed_by="erin" if dice.random() < 0.07 else None,
        labels=tuple(label for label, odds in ((LABEL, 0.93), (EXCLUDED, 0.07)) if dice.random() < odds),
        draft=dice.random() < 0.06,
        needs=needs,
        stacked_on=lower,
    )


def _lands_if_green(told: Told) -> bool:
    """Nothing is stacked on what is held: the upper one would bring it along, whatever is said of it."""
    approved = len(set(told.approved_by) - {told.author}) > 1 and told.vetoed_by is None
    alone = told.stacked_on is None and not told.needs and not told.helper and not told.stale_by
    return approved and alone and told.labels == (LABEL,) and not told.draft


def expected(made: Made) -> frozenset[Key]:
    """Who lands."""
    landed: set[Key] = set()
    while True:
        before = len(landed)
        for repository in made.repositories:
            landed |= {(repository, number) for number in _journey(made, repository, frozenset(landed))}
        if len(landed) == before:
            return frozenset(landed)


def eligible(told: Told, made: Made) -> bool:
    """By its own facts, whatever others do."""
    writers = _writers(told, made)
    votes = set(told.approved_by) - {told.vetoed_by}
    independent = votes - writers
    marked = LABEL in told.labels and EXCLUDED not in told.labels
    return marked and not told.draft and told.vetoed_by is None and len(independent) >= made.approvals


def _writers(told: Told, made: Made) -> set[str]:
    writers = {told.author} | ({told.helper} if told.helper else set())
    if told.stacked_on is None:
        return writers
    lower = next(each for each in made.pull_requests if each.key == (told.repository, told.stacked_on))
    return writers | _writers(lower, made)


def _journey(made: Made, repository: str, landed: frozenset[Key]) -> set[int]:
    here = {each.number: each for each in made.pull_requests if each.repository == repository}
    there = {number for name, number in landed if name == repository}
    needs = {number: {need for name, need in told.needs if name == repository} for number, told in here.items()}
    waiting = {each.number for each in here.values() if any(n != repository for n, _ in set(each.needs) - landed)}
    able = {number for number, told in here.items() if eligible(told, made)} - waiting - there
    order = _order(able, needs, there)
    branch = _files(here[number] for number in there)
    cap = 1 if made.landing == "api" else made.cap
    settled: set[int] = set()
    new: set[int] = set()
    while True:
        chain: list[int] = []
        grown = dict(branch)
        for number in order:
            still = number not in settled | new and len(chain) < cap
            if still and needs[number] <= there | new | set(chain) and not _conflicts(grown, here[number]):
                chain.append(number)
                grown |= here[number].files
        if not chain:
            return new
        for number in chain:
            if not needs[number] <= there | new:
                settled.add(number)
            elif _conflicts(branch, here[number]):
                continue
            elif _red({**branch, **here[number].files}):
                settled.add(number)
            else:
                branch |= here[number].files
                new.add(number)


def _order(able: set[int], needs: Mapping[int, set[int]], there: set[int]) -> list[int]:
    """The smallest number first among those whose needs are before them; what can never be is left out."""
    order: list[int] = []
    while ready := [n for n in able if n not in order and needs[n] <= there | set(order)]:
        order.append(min(ready))
    return order


def _files(pulls: Iterable[Told]) -> dict[str, str]:
    files: dict[str, str] = {}
    for told in pulls:
        files |= told.files
    return files


def _conflicts(branch: Mapping[str, str], told: Told) -> bool:
    return any(branch.get(path, content) != content for path, content in told.files.items())


def _red(branch: Mapping[str, str]) -> bool:
    return any(path.startswith("broken") for path in branch) or {"fire", "water"} <= branch.keys()


def make(made: Made, hub: Hub) -> tuple[dict[str, Repository], dict[Key, PullRequest]]:
    """The organization for real, and its configuration."""
    repositories = {name: hub.organization.repository(name) for name in made.repositories}
    hub.config.team(
        "team-a",
        *repositories.values(),
        gates=[{"name": "tests", "command": GATE}],
        filters={"labels": [LABEL], "exclude_labels": [EXCLUDED], "required_approvals": made.approvals},
        policies={"max_prs_per_batch": made.cap, "landing": made.landing, "method": made.method},
    )
    pulls = {told.key: _make_one(told, repositories, made) for told in made.pull_requests}
    return repositories, pulls


def _make_one(told: Told, repositories: Mapping[str, Repository], made: Made) -> PullRequest:
    repository, branch = repositories[told.repository], f"topic-{told.number}"
    onto = "main" if told.stacked_on is None else f"topic-{told.stacked_on}"
    repository.commit(branch, told.files, onto=onto, by=told.author)
    if told.helper:
        repository.commit(branch, {f"help-{told.number}.txt": "x"}, by=told.helper)
    names = {name: each.full_name for name, each in repositories.items()}
    needs = [f"#{n}" if name == told.repository else f"{names[name]}#{n}" for name, n in told.needs]
    pull = repository.pull_request(
        branch, by=told.author, approved_by=(), labels=told.labels, depends_on=needs, draft=told.draft
    )
    if told.stale_by:
        for reviewer in told.stale_by:
            if reviewer != told.author:
                pull.approve(reviewer)
        pull.push({f"late-{told.number}.txt": "x"})
    for reviewer in told.approved_by:
        if reviewer != told.author:
            pull.approve(reviewer)
    if told.vetoed_by is not None and told.vetoed_by != told.author:
        pull.approve(told.vetoed_by, "REQUEST_CHANGES")
    return pull
