"""Change sets that people tear apart: when the first part of one is about to land, something happens to another one."""

from dataclasses import dataclass
from typing import Protocol

from tests.flows.histories.facts import Facts, Pull
from tests.flows.histories.people import People

WAYS = ("protected", "closed", "retargeted", "pushed", "objected", "clashing")


class Torn(Protocol):
    """A history that has a part of the change set."""

    def torn(self, name: str, way: str) -> bool:
        """Whether it had anything to tear."""

    def jolted(self) -> None:
        """What comes of it in this run is not foretold any more."""


@dataclass(slots=True)
class Tear:
    """Of the set `name` of `among`; it is done once, in the run that is coming."""

    name: str
    way: str
    among: list[Torn]
    done: bool = False

    def begin(self, first: Torn) -> None:
        if self.done:
            return
        self.done = True
        for each in self.among:
            each.jolted()
        for each in self.among:
            if each is not first and each.torn(self.name, self.way):
                return


def part_of(facts: Facts, name: str) -> Pull | None:
    return next((pull for pull in facts.open if (pull.change_set, pull.target) == (name, "main")), None)


def tear(people: People, facts: Facts, pull: Pull, way: str) -> str:
    """What somebody does, in a sentence; a protection is for whoever answers pushes to keep up."""
    repository, topic = people.repository, people.real(pull)
    match way:
        case "closed":
            topic.close()
        case "retargeted":
            if repository.tip("release") is None:
                repository.point("release", facts.graph.mainline(facts.tip)[0])
            topic.edit(base="release")
        case "pushed":
            topic.push({f"late-{pull.number}.txt": "late\n"})
        case "objected":
            topic.approve("carol", "REQUEST_CHANGES")
        case "clashing":
            brought = facts.graph.files(pull.head).keys() - facts.graph.files(facts.tip).keys()
            people.pushed.add(repository.commit("main", dict.fromkeys(sorted(brought), "other\n"), by="erin"))
        case _:
            pass
    return f"in the middle of the run, #{pull.number} of {pull.change_set} is {way}"
