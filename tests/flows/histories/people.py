"""What people do, chosen by dice from what they see: `People.act` does one thing and says it in a sentence."""

from collections.abc import Callable, Sequence

from tests.flows.histories.facts import LATER, SOONER, Facts
from tests.flows.histories.staff import AUTHORS, FILES, REVIEWERS, Staff
from tests.flows.world import PullRequest

PATIENCE = 5
"""How often somebody looks for something to do."""


class People(Staff):
    """Those who work on one repository."""

    def act(self, facts: Facts, *, meanwhile: bool = False) -> str:
        """One thing that somebody does; `meanwhile` leaves out what would not be noticed before the next run."""
        choices: list[tuple[Callable[[Facts], str], int]] = [
            (self.open, 0 if meanwhile else 2),
            (self.bring_about, 8),
            (self.approve, 3),
            (self.object, 2),
            (self.veto, 4),
            (self.dismiss, 3),
            (self.push, 4),
            (self.push_over, 3),
            (self.push_back_and_forth, 1),
            (self.mend, 2),
            (self.take_main_in, 2),
            (self.label, 4),
            (self.retry, 0 if meanwhile else 3),
            (self.close, 3),
            (self.reopen, 2),
            (self.retarget, 2),
            (self.depend, 3),
            (self.postpone, 2),
            (self.redraft, 2),
            (self.join, 1),
            (self.delete_branch, 1),
            (self.push_to_main, 12 if meanwhile else 4),
            (self.break_or_mend_main, 1),
            (self.merge_by_hand, 1),
        ]
        chosen, odds = zip(*choices, strict=True)
        said = "nothing"
        for _ in range(PATIENCE):
            said = self.dice.choices(chosen, odds)[0](facts)
            if not said.startswith("nothing"):
                break
        self.story.append(said)
        return said

    def open(self, facts: Facts) -> str:
        dice, repository, branch = self.dice, self.repository, f"topic-{self._next()}"
        # Nothing is stacked on what is held by what people may mend: the upper one would bring it along.
        below = [pull for pull in facts.open if len(pull.approvers()) > 1 and not pull.needs and pull.target == "main"]
        lower = dice.choice(below) if below and dice.random() < 0.15 else None
        onto, by = lower.branch if lower else "main", dice.choice(AUTHORS)
        files = {self._file(dice.choice(FILES)) for _ in range(dice.choice([1, 1, 2]))}
        if self.foreign and (abroad := dice.random() < 0.12):
            files, onto = {self._file("own")}, "main"
        else:
            abroad = False
        repository.commit(branch, {path: self._text() for path in sorted(files)}, onto=onto, by=by)
        if dice.random() < 0.15:
            repository.commit(branch, {self._file("own"): self._text()}, by="carol")
        needs = [self._need(facts) for _ in range(dice.choices([0, 1, 2], [8, 3, 1])[0]) if facts.open]
        needs += ["{}#{}".format(*dice.choice(self.foreign))] if abroad else []
        pull = repository.pull_request(
            branch, by=by, approved_by=(), depends_on=needs, labels=self._labels(), draft=dice.random() < 0.04
        )
        for reviewer in dice.sample(REVIEWERS, dice.choices([0, 1, 2, 3], [1, 2, 6, 6])[0]):
            self._review(pull, reviewer, "APPROVE")
        if dice.random() < 0.05:
            self._review(pull, "erin", "REQUEST_CHANGES")
        return f"{by} opens #{pull.number} onto {onto} with {sorted(files)}, needing {needs}"

    def bring_about(self, facts: Facts) -> str:
        """All that keeps one from landing is done away with, but for what gates and others say."""
        waiting = [
            pull
            for pull in facts.open
            if pull.draft or pull.labels & {"ready", "wip", "secret"} != {"ready"} or len(pull.approvers()) < 2
        ]
        if not waiting:
            return "nothing to bring about"
        pull = self.dice.choice(waiting)
        if pull.draft:
            self.real(pull).redraft(draft=False)
        for label in pull.labels & {"wip", "secret"}:
            self.real(pull).unlabel(label)
        self.real(pull).label("ready")
        for reviewer in REVIEWERS:
            self._review(self.real(pull), reviewer, "APPROVE")
        return f"#{pull.number} is ready, and all approve it"

    def approve(self, facts: Facts) -> str:
        return self._reviewed(facts, "APPROVE")

    def object(self, facts: Facts) -> str:
        return self._reviewed(facts, self.dice.choice(["REQUEST_CHANGES", "COMMENT"]))

    def veto(self, facts: Facts) -> str:
        """One reviewer asks for changes where nothing else keeps it: all others stand by their approval."""
        complete = [pull for pull in facts.open if not pull.draft and "ready" in pull.labels and pull.approvers()]
        if not complete:
            return "nothing to veto"
        pull = self.dice.choice(complete)
        able = [each for each in REVIEWERS if each not in {pull.author, *pull.writers}]
        vetoing, *others = self.dice.sample(able, len(able))
        for reviewer in others:
            self._review(self.real(pull), reviewer, "APPROVE")
        self._review(self.real(pull), vetoing, "REQUEST_CHANGES")
        return f"{vetoing} asks for changes of #{pull.number}, which {others} approve"

    def propose_in_set(self, name: str, needs: Sequence[str]) -> PullRequest:
        """Ready to land, most of the time, as far as that is for people to say."""
        dice, branch, by = self.dice, f"topic-{self._next()}", self.dice.choice(AUTHORS)
        files = {self._file(dice.choices(["own", "broken", "smoking", "discord"], [20, 1, 2, 1])[0]): self._text()}
        self.repository.commit(branch, files, by=by)
        body = f"Change-set: {name}"
        pull = self.repository.pull_request(
            branch, by=by, approved_by=(), depends_on=needs, labels=["ready"], body=body
        )
        for reviewer in REVIEWERS if dice.random() < 0.9 else ():
            self._review(pull, reviewer, "APPROVE")
        self.sets.append(name)
        self.story.append(f"{by} opens #{pull.number} with {sorted(files)} in {name}, needing {needs}")
        return pull

    def join(self, facts: Facts) -> str:
        if (pull := self._one(facts)) is None or not self.sets:
            return "nothing to join"
        name = self.dice.choice(self.sets)
        self.real(pull).edit(body=f"Change-set: {name}")
        return f"#{pull.number} says only that it is in {name}"

    def dismiss(self, facts: Facts) -> str:
        if (pull := self._one(facts)) is None:
            return "nothing to dismiss"
        reviews = [each for each in self.real(pull).reviews() if each["state"] in {"APPROVED", "CHANGES_REQUESTED"}]
        if not reviews:
            return "nothing to dismiss"
        review = self.dice.choice(reviews)
        self.real(pull).dismiss(review["id"])
        return f"the review of #{pull.number} by {review['user']['login']} is dismissed"

    def push(self, facts: Facts) -> str:
        """Whoever approved before has approved something else."""
        if (pull := self._one(facts)) is None:
            return "nothing to push to"
        path, by = self._file(self.dice.choice(FILES)), self.dice.choice([pull.author, pull.author, "dave"])
        self.repository.commit(pull.branch, {path: self._text()}, by=by)
        return f"{by} pushes {path} to #{pull.number}{self._approved_anew(pull)}"

    def push_over(self, facts: Facts) -> str:
        if (pull := self._one(facts)) is None:
            return "nothing to push over"
        path = self._file(self.dice.choice(FILES))
        made = self.repository.commit(f"new-{self._next()}", {path: self._text()}, by=pull.author)
        self.repository.point(pull.branch, made)
        return f"{pull.author} pushes {path} over #{pull.number}{self._approved_anew(pull)}"

    def push_back_and_forth(self, facts: Facts) -> str:
        if (pull := self._one(facts)) is None:
            return "nothing to push to and back"
        self.repository.commit(pull.branch, {self._file("own"): self._text()}, by=pull.author)
        self.real(pull).shown()
        self.repository.point(pull.branch, pull.head)
        return f"{pull.author} pushes to #{pull.number} and back"

    def mend(self, facts: Facts) -> str:
        """What is broken in the head is taken away by a commit more."""
        bad = [pull for pull in facts.open if self._broken_in(pull, facts)]
        if not bad:
            return "nothing to mend"
        pull = self.dice.choice(bad)
        paths = self._broken_in(pull, facts)
        self.repository.commit(pull.branch, dict.fromkeys(paths), by=pull.author)
        return f"{pull.author} mends {paths} in #{pull.number}{self._approved_anew(pull)}"

    def take_main_in(self, facts: Facts) -> str:
        """As the button `Update branch` does."""
        if (pull := self._one(facts)) is None or pull.target != "main":
            return "nothing to take main into"
        try:
            pulled = self.repository.rest("POST", "/merges", {"base": pull.branch, "head": "main"}, by=pull.author)
        except AssertionError:
            return f"main cannot be taken into #{pull.number}"
        return f"main is taken into #{pull.number}{self._approved_anew(pull) if pulled else ', which has it'}"

    def label(self, facts: Facts) -> str:
        if (pull := self._one(facts)) is None:
            return "nothing to label"
        label = self.dice.choice(["ready", "wip", "urgent", "whenever", "hotfix", "hotfix", "secret"])
        if label in pull.labels:
            self.real(pull).unlabel(label)
            return f"{label} is taken from #{pull.number}"
        self.real(pull).label(label)
        return f"{label} is set on #{pull.number}"

    def retry(self, facts: Facts) -> str:
        if (pull := self._one(facts)) is None:
            return "nothing to retry"
        if "retry" in pull.labels:
            self.real(pull).unlabel("retry")
        self.real(pull).label("retry")
        self.asked.append(pull.number)
        return f"#{pull.number} is to be tried again"

    def close(self, facts: Facts) -> str:
        if (pull := self._one(facts)) is None:
            return "nothing to close"
        self.real(pull).close()
        return f"#{pull.number} is closed"

    def reopen(self, facts: Facts) -> str:
        closed = [each for each in facts.pulls.values() if each.state == "closed" and each.number not in facts.landed]
        if not closed:
            return "nothing to reopen"
        pull = self.dice.choice(closed)
        try:
            self.real(pull).edit(state="open")
        except AssertionError:
            return f"#{pull.number} cannot be opened again"
        return f"#{pull.number} is opened again"

    def retarget(self, facts: Facts) -> str:
        if (pull := self._one(facts)) is None:
            return "nothing to retarget"
        if self.repository.tip("release") is None:
            self.repository.point("release", facts.graph.mainline(facts.tip)[0])
        target = "release" if pull.target == "main" else "main"
        try:
            self.real(pull).edit(base=target)
        except AssertionError:
            return f"#{pull.number} cannot be retargeted"
        return f"#{pull.number} targets {target} now"

    def depend(self, facts: Facts) -> str:
        if (pull := self._one(facts)) is None:
            return "nothing to depend"
        need = self._need(facts) if self.dice.random() < 0.6 else None
        self.real(pull).edit(body="Changed." if need is None else f"Changed.\nDepends-on: {need}")
        return f"#{pull.number} needs {need} now"

    def postpone(self, facts: Facts) -> str:
        if (pull := self._one(facts)) is None:
            return "nothing to postpone"
        line = self.dice.choice([SOONER, SOONER, LATER])
        self.real(pull).edit(body=line)
        return f"#{pull.number} says only {line}"

    def redraft(self, facts: Facts) -> str:
        if (pull := self._one(facts)) is None:
            return "nothing to make a draft of"
        self.real(pull).redraft(draft=not pull.draft)
        return f"#{pull.number} is {'no draft any more' if pull.draft else 'a draft now'}"

    def delete_branch(self, facts: Facts) -> str:
        if (pull := self._one(facts)) is None:
            return "nothing to delete"
        self.repository.git("update-ref", "-d", f"refs/heads/{pull.branch}")
        return f"the branch of #{pull.number} is deleted"

    def push_to_main(self, facts: Facts) -> str:  # noqa: ARG002 -- as all that people do
        path = self._file(self.dice.choice(["own", "own", "clash", "fire"]))
        self.pushed.add(self.repository.commit("main", {path: self._text()}, by="erin"))
        return f"erin pushes {path} to main"

    def break_or_mend_main(self, facts: Facts) -> str:
        """Mended in the next step at the latest where dice so will it; nobody is blamed meanwhile."""
        bad = [path for path in facts.graph.files(facts.tip) if path.startswith("broken")]
        change = dict.fromkeys(bad) if bad else {self._file("broken"): self._text()}
        self.pushed.add(self.repository.commit("main", change, by="erin"))
        return f"erin {'mends' if bad else 'breaks'} main"

    def merge_by_hand(self, facts: Facts) -> str:
        """A bypass: nobody asked the hub."""
        pull, before = self._one(facts), self.repository.tip()
        if pull is None or pull.target != "main" or pull.draft:
            return "nothing to merge by hand"
        try:
            self.repository.rest("PUT", f"/pulls/{pull.number}/merge", {"merge_method": "merge"}, by="erin")
        except AssertionError:
            return f"#{pull.number} cannot be merged by hand"
        self.pushed.update(self.repository.history(str(before)))
        return f"erin merges #{pull.number} by hand"
