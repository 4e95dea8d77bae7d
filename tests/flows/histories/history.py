"""One repository's life: people do things, also in the middle of a run, and the world lets the hub down."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.adapters.facts import SetClock
from tests.flows.histories.facts import BEGINNING, STEP, Event, Facts, Terms, glance, look
from tests.flows.histories.graph import Graph
from tests.flows.histories.log import Log
from tests.flows.histories.moments import Place
from tests.flows.histories.oracle import Situation
from tests.flows.histories.people import People
from tests.flows.histories.tearing import Tear, part_of, tear
from tests.flows.proxy import Instead
from tests.flows.world import Repository

DISTURBANCES = (
    *("snapshot", "gate", "gate", "landing", "landing", "overtaken", "overtaken"),
    *("call", "outage", "push", "flake", "errored", "clock"),
)
QUARANTINE_AFTER = 2
FAULTS = (
    Instead(500),
    Instead(502),
    Instead(503),
    Instead(),
    Instead(429, {"Retry-After": "60"}),
    Instead(403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4102444800"}),
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was to be seen at one moment; `landed` could not be undone any more by what anybody did then."""

    facts: Facts
    landed: frozenset[int]
    at: datetime


@dataclass(slots=True, eq=False)
class History:
    """
    `disturbance` is what happens in the next run, `happened` whether it has, `sightings` what was seen since it began.

    `steps` is how often time went on, `void` says up to which event refusals were asked to be forgotten, by number.
    """

    log: Log
    repository: Repository
    place: Place
    terms: Terms
    dice: random.Random
    people: People
    graph: Graph
    start: str
    clock: SetClock
    steps: int = 0
    disturbance: str = ""
    happened: bool = False
    sightings: list[Sighting] = field(default_factory=list)
    void: dict[int, int] = field(default_factory=dict)
    tear: Tear | None = None
    problems: list[str] = field(default_factory=list)
    _fault: Instead = FAULTS[0]
    _faults: int = 0
    _answer: str = ""
    _at_a_gate: bool = False
    _protected: bool = False

    @property
    def name(self) -> str:
        return self.repository.full_name

    def events(self) -> Sequence[Event]:
        return self.log.about(self.repository)

    def look(self) -> Facts:
        return look(self.repository, self.graph, self.events())

    def situation(self, facts: Facts) -> Situation:
        now = self.clock.now()
        return Situation(
            facts, self.terms, self.terms.freeze(now), now, self._refused(), self._quarantined(), self._spent()
        )

    def _spent(self) -> frozenset[str]:
        torn = {"set.broken", "set.compensated"}
        return frozenset(event["subject"]["change_set"] for event in self.events() if event["type"] in torn)

    def _refused(self) -> frozenset[tuple[int, str]]:
        """Heads that gates refused, for as long as that is remembered, by the words of the contract."""
        events = self.events()
        landed = {_subject(event) for event in events if event["type"] == "merge.completed"}
        return frozenset(
            _subject(event)
            for event in events
            if event["type"] == "gate.refused"
            and event["seq"] > self.void.get(_subject(event)[0], 0)
            and {(number, head) for number, head in event["data"]["context"]} <= landed
        )

    def _quarantined(self) -> frozenset[int]:
        attempts: dict[int, set[tuple[str, str | None]]] = {}
        last: dict[int, int] = {}
        for event in self.events():
            if event["type"] == "gate.refused":
                number, head = _subject(event)
                attempts.setdefault(number, set()).add((head, event["data"]["retry"]))
                last[number] = event["seq"]
        return frozenset(
            number
            for number, each in attempts.items()
            if len(each) >= QUARANTINE_AFTER and last[number] > self.void.get(number, 0)
        )

    def step(self, *, disturbed: bool) -> Facts:
        """What people do until the next run begins."""
        facts = self.look()
        for _ in range(self.dice.randint(1, 3) if facts.pulls else self.dice.randint(3, 6)):
            self.people.story.append(self.people.open(facts))
            facts = glance(self.repository, facts)
        for _ in range(self.dice.randint(1, 4)):
            self.people.act(facts)
            facts = glance(self.repository, facts)
        facts = self.look()
        for number in self.people.asked:
            self.void[number] = max((event["seq"] for event in self.events()), default=0)
        self.people.asked.clear()
        self._arm(self.dice.choice(DISTURBANCES) if disturbed else "")
        self._saw_first(facts)
        return facts

    def wait(self) -> Facts:
        """Nobody does anything, and nothing goes wrong."""
        self._arm("")
        facts = self.look()
        self._saw_first(facts)
        return facts

    def _saw_first(self, facts: Facts) -> None:
        self.sightings = [Sighting(facts, facts.landed, self.clock.now())]

    def _arm(self, disturbance: str) -> None:
        self.place.disarm()
        self._protected = False
        dice = self.dice
        self.disturbance, self.happened, self._answer, self._faults = disturbance, False, "", 0
        match disturbance:
            case "gate":
                self.place.arm_gate()
            case "clock":
                self._at_a_gate = dice.choice([True, False])
                if self._at_a_gate:
                    self.place.arm_gate()
            case "call":
                self._fault, self._faults = dice.choice(FAULTS), dice.choice([1, 1, 2])
            case "outage":
                self._fault, self._faults = dice.choice(FAULTS), 1_000
            case "push":
                self._answer = dice.choice(["broken", "declined", "lost"])
            case "flake":
                self.place.flakes("1")
            case "errored":
                self.place.flakes(*[dice.choice(["75", "killed"])] * dice.choice([1, 1, 3]))
            case _:
                pass
        if disturbance:
            self.people.story.append(f"in the next run: {disturbance} {self._answer}{self._faults or ''}")

    @property
    def moments(self) -> list[datetime]:
        """Between which freezes may have changed in this run."""
        return [self.sightings[0].at, self.clock.now()]

    @property
    def thaws_or_freezes(self) -> bool:
        before, after = map(self.terms.freeze, self.moments)
        return before != after

    @property
    def steady(self) -> bool:
        """Whether the last run met nothing that could change what comes of it; a gate may err and be tried again."""
        return not self.happened and self.disturbance not in {"flake", "errored", "outage"}

    def _meanwhile(self, beyond: Iterable[int] = ()) -> None:
        """People act now. `beyond` are about to land, whatever they do."""
        if self.happened:
            return
        self.happened = True
        facts = self.look()
        landed, tip = facts.landed | set(beyond), facts.tip
        for _ in range(self.dice.randint(1, 3)):
            self.people.story.append("in the middle of the run:")
            self.people.act(facts, meanwhile=True)
            facts = glance(self.repository, facts)
        facts = self.look()
        # What was to land is gated and read again where the branch that it was made for is gone.
        self._see(facts, landed if facts.tip == tip else facts.landed)

    def _see(self, facts: Facts, landed: frozenset[int] | set[int]) -> None:
        self.sightings.append(Sighting(facts, frozenset(landed), self.clock.now()))

    def snapshot_taken(self) -> None:
        if self.disturbance == "snapshot":
            self._guarded(self._meanwhile)
        if self.disturbance == "clock" and not self._at_a_gate:
            self._guarded(self._time_goes_on)

    def gate_begun(self) -> None:
        self._guarded(self._time_goes_on if self.disturbance == "clock" else self._meanwhile)

    def read_again(self) -> None:
        """Whoever looks at the pull requests once more is about to land them."""
        if self.disturbance == "overtaken" and not self.happened and self.dice.random() < 0.5:
            self._guarded(self._overtake)

    def _overtake(self) -> None:
        """Nobody changes a pull request, so that what may land still may, elsewhere on the branch."""
        self.happened = True
        facts = self.look()
        self.people.story.append(f"in the middle of the run: {self.people.push_to_main(facts)}")
        self._see(self.look(), facts.landed)

    def _time_goes_on(self) -> None:
        """Past the next moment at which a freeze begins or ends anywhere."""
        if self.happened:
            return
        self.happened = True
        self.clock.moment = max(self.clock.moment, BEGINNING + STEP * (self.steps + 0.6))
        self.people.story.append(f"in the middle of the run it is {self.clock.moment:%H:%M:%S}")
        facts = self.look()
        self._see(facts, facts.landed)

    def about_to_push(self, commit: str) -> str:
        numbers = self._announced(commit=commit)
        if not numbers and not self._announced_as_revert(commit):
            self.problems.append(f"recorded: {commit} is pushed, and no intent says so")
        if self.disturbance == "landing":
            self._guarded(lambda: self._meanwhile(numbers))
        self._tears(numbers)
        answer, self._answer = self._answer, ""
        self.happened = self.happened or bool(answer)
        return answer or ("declined" if self._protected else "")

    def about_to_merge(self, number: int) -> None:
        if not self._announced(number=number):
            self.problems.append(f"recorded: #{number} is merged, and no intent says so")
        if self.disturbance == "landing":
            self._guarded(lambda: self._meanwhile([number]))
        self._tears([number])

    def _tears(self, numbers: Iterable[int]) -> None:
        """The first part of the change set that is to be torn is about to land."""
        torn = self.tear
        if torn is None or torn.done:
            return
        facts = self.look()
        if any(facts.pulls[number].change_set == torn.name for number in numbers):
            self._guarded(lambda: torn.begin(self))

    def jolted(self) -> None:
        self.happened = True

    def torn(self, name: str, way: str) -> bool:
        facts = self.look()
        if (pull := part_of(facts, name)) is None:
            return False
        self._protected = way == "protected"
        self.people.story.append(tear(self.people, facts, pull, way))
        self._see(self.look(), facts.landed)
        return True

    def _announced(self, *, commit: str | None = None, number: int | None = None) -> list[int]:
        """The numbers of what the log says is about to land, and has not landed."""
        events = self.events()
        over = {event["data"]["intent"] for event in events if event["type"] == "merge.completed"}
        return [
            event["subject"]["pull_request"]
            for event in events
            if event["type"] == "merge.intent" and event["id"] not in over
            if commit in {None, event["subject"]["candidate"]} and number in {None, event["subject"]["pull_request"]}
        ]

    def _announced_as_revert(self, commit: str) -> bool:
        announced = (event["subject"]["revert"] for event in self.events() if event["type"] == "rollback.intent")
        return commit in announced

    def asked(self, call: str) -> Instead | None:
        if self._protected and call == "PUT merge":
            return Instead(405)
        if self.disturbance not in {"call", "outage"} or not self._faults:
            return None
        if self.disturbance == "call" and call != "PUT merge" and self.dice.random() < 0.5:
            return None
        self.happened = True
        self._faults -= 1
        return self._fault

    def answer_is_lost(self, call: str) -> bool:
        if self.disturbance != "push" or self.terms.landing != "api" or self.happened or call != "PUT merge":
            return False
        self.happened = True
        return True

    def _guarded(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:
            self.problems.append(f"people could not act: {error!r}")
            raise


def _subject(event: Event) -> tuple[int, str]:
    return event["subject"]["pull_request"], event["subject"]["head"]
