"""Those who work on one repository, and what all that they do is made of."""

import random
from dataclasses import dataclass, field

from tests.flows.histories.facts import Facts, Pull
from tests.flows.world import PullRequest, Repository

AUTHORS = ("alice", "bob")
REVIEWERS = ("bob", "carol", "dave", "erin")
REVIEW = "Between you and me: token-of-a-reviewer-4711."
"""What reviewers write; it is nowhere to be found later."""
LABELS = (("ready", 0.96), ("wip", 0.04), ("urgent", 0.1), ("whenever", 0.1), ("hotfix", 0.1), ("secret", 0.08))
"""What is set when something is proposed, and how often."""
FILES = (*["own"] * 12, *["clash"] * 4, *["broken", "smoking"] * 2, "ugly", "odd", "discord", "fire", "water")


@dataclass(slots=True)
class Staff:
    """
    `pushed` are their own commits on the target branch, `asked` the numbers that they asked to have tried again,
    `foreign` what they may depend on elsewhere, `sets` the names of change sets that they proposed something in,
    `story` all that they did.
    """

    repository: Repository
    dice: random.Random
    pushed: set[str] = field(default_factory=set)
    asked: list[int] = field(default_factory=list)
    foreign: list[tuple[str, int]] = field(default_factory=list)
    sets: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    _made: int = 0

    def _reviewed(self, facts: Facts, event: str) -> str:
        if (pull := self._one(facts)) is None:
            return "nothing to review"
        reviewer = self.dice.choice(REVIEWERS)
        self._review(self.real(pull), reviewer, event)
        return f"{reviewer}: {event} on #{pull.number}"

    def _review(self, pull: PullRequest, reviewer: str, event: str) -> None:
        """The code host takes no opinion of an author about their own work."""
        if reviewer != pull.author:
            pull.approve(reviewer, event, text=REVIEW)

    def _approved_anew(self, pull: Pull) -> str:
        if self.dice.random() < 0.5:
            return ""
        for reviewer in self.dice.sample(REVIEWERS, 2):
            self._review(self.real(pull), reviewer, "APPROVE")
        return ", and it is approved anew"

    def _one(self, facts: Facts) -> Pull | None:
        return self.dice.choice(facts.open) if facts.open else None

    def real(self, pull: Pull) -> PullRequest:
        return PullRequest(self.repository, pull.number, pull.branch, pull.author)

    def _broken_in(self, pull: Pull, facts: Facts) -> list[str]:
        new = facts.graph.files(pull.head).keys() - facts.graph.files(facts.tip).keys()
        return sorted(path for path in new if path.startswith(("broken", "ugly")))

    def _labels(self) -> list[str]:
        return [label for label, odds in LABELS if self.dice.random() < odds]

    def _need(self, facts: Facts) -> str:
        """Mostly of something there is; else of itself, of what is yet to come, or of what never was."""
        highest = max(facts.pulls, default=0) + 1
        strange = self.dice.random() < 0.06 or not facts.open
        return f"#{self.dice.choice([highest, highest + 1, 4711]) if strange else self.dice.choice(facts.open).number}"

    def _file(self, kind: str) -> str:
        if kind in {"fire", "water"}:
            return kind
        return f"clash-{self.dice.randint(1, 2)}.txt" if kind == "clash" else f"{kind}-{self._next()}.txt"

    def _text(self) -> str:
        return f"text {self._next()} of {self.repository.name}\n"

    def _next(self) -> int:
        self._made += 1
        return self._made
