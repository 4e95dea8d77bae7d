"""The life of an organization: several repositories side by side, each with a history of its own."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from flows.pausing import pause, resume
from tasks.domain.pause import Scope
from tests.adapters.facts import SetClock
from tests.flows.histories.coverage import disturbances_of
from tests.flows.histories.facts import BEGINNING, STEP, Event, Facts
from tests.flows.histories.graph import Graph
from tests.flows.histories.history import History
from tests.flows.histories.invariants import broken_by, secrets_in, told_once, verified
from tests.flows.histories.log import Log
from tests.flows.histories.moments import Place, watching
from tests.flows.histories.oracle import Foretold, foretell
from tests.flows.histories.people import People
from tests.flows.histories.sets import propose, torn_apart
from tests.flows.histories.terms import configure, imagine_terms, optional_gates, policies_of
from tests.flows.hub import Hub, Run

STEPS = 3
QUIET, DISTURBED, COMPENSATED = 0.2, 0.5, 0.8
PAUSED, GOES_ON, CALM = 0.3, 0.7, 0.4


@dataclass(slots=True)
class Life:
    """`broken` is what was found not to hold, each with the story that led there."""

    hub: Hub
    log: Log
    folder: Path
    clock: SetClock
    histories: list[History]
    dice: random.Random
    broken: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    _before: datetime = BEGINNING
    _stopped: dict[Scope, list[History]] = field(default_factory=dict)
    _changed: set[History] = field(default_factory=set)

    def live(self) -> None:
        """
        In each step some do nothing, and are to be found as they were; at last nobody does.

        It ends with the step in which something was found broken.
        """
        unsettled = set(self.histories)
        for step in range(STEPS + 1):
            last = step == STEPS
            quiet = {each for each in self.histories if last or self.dice.random() < QUIET}
            self._time_goes_on(step)
            self._stop_or_go_on()
            for name in (f"s-{step}", f"t-{step}"):
                propose([each for each in self.histories if each not in quiet], self.dice, name)
            if last:
                self._nobody_tears()
            # A set waits for every repository that cannot be read, so that some runs are to meet nothing else.
            unsettled = self._step(quiet, unsettled, disturbed=not last and self.dice.random() > CALM)
            if self.broken:
                return
        self._rest()

    def _nobody_tears(self) -> None:
        for each in self.histories:
            each.tear = None

    def _time_goes_on(self, step: int) -> None:
        self._before = self.clock.now()
        self.clock.moment = BEGINNING + STEP * step
        for each in self.histories:
            each.steps = step

    def _stop_or_go_on(self) -> None:
        """Somebody pauses landings, be they paused already, or what is paused goes on, be it for one reason of two."""
        self._changed = set()
        self.hub.config.write()
        with self.hub.entered():
            for scope in [each for each in self._stopped if self.dice.random() < GOES_ON]:
                assert resume(scope, stated="command line", owner="erin")["recorded"]
                self._changed.update(self._stopped.pop(scope))
            if self.dice.random() < PAUSED:
                scope, held = self._scope(self.dice.choice(self.histories))
                pause(scope, "the books are closed", None, stated="command line", owner="erin")
                self._stopped[scope] = held
                self._changed.update(held)
        for each in self.histories:
            each.terms = replace(each.terms, paused=any(each in held for held in self._stopped.values()))

    def _scope(self, history: History) -> tuple[Scope, list[History]]:
        match self.dice.choice(["team", "repository", "repository", "everything"]):
            case "team":
                return Scope(team=f"team-{history.repository.name.removeprefix('r')}"), [history]
            case "repository":
                return Scope(repository=history.name), [history]
            case _:
                return Scope(), self.histories

    def _step(self, quiet: set[History], unsettled: set[History], *, disturbed: bool) -> set[History]:
        facts = {each: self._until_the_run(each, quiet, disturbed=disturbed) for each in self.histories}
        still = [each for each in quiet - unsettled if not _needs_others(facts[each])]
        before = {each: self._traces(each) for each in still if self._as_frozen_as_before(each)}
        unsettled = self._run_and_judge(facts)
        for each, traces in before.items():
            if each.thaws_or_freezes:
                continue
            if (traced := self._traces(each)) != traces:
                self._breaks(each, f"once: a run without anything new changed something: {_changes(traces, traced)}")
            said, says = (_left_over(run, each) for run in self.runs[-2:])
            if said != says:
                self._breaks(each, f"once: a run without anything new says {says} instead of {said}")
        return unsettled

    def _as_frozen_as_before(self, history: History) -> bool:
        same = history.terms.freeze(self._before) == history.terms.freeze(self.clock.now())
        return same and history not in self._changed

    def _until_the_run(self, history: History, quiet: set[History], *, disturbed: bool) -> Facts:
        if history in quiet:
            return history.wait()
        return history.step(disturbed=disturbed and self.dice.random() < DISTURBED)

    def _run_and_judge(self, facts: dict[History, Facts]) -> set[History]:
        """The histories of which the next run may have something new to tell."""
        foretold = foretell({each.name: each.situation(seen) for each, seen in facts.items()})
        since = max((event["seq"] for event in self.log.events()), default=0)
        with watching(self.hub, self.folder, {each.repository.name: each for each in self.histories}):
            self.runs.append(self.hub.run())
        for each in self.histories:
            self.met.update(disturbances_of(each))
        unsettled = self._unsettled(facts, foretold)
        for each in self.histories:
            after = each.look()
            for said in broken_by(each, after, self.runs[-1], since=since):
                self._breaks(each, said)
            each.problems.clear()
            if each not in unsettled:
                self._compare(each, facts[each], after, foretold)
        self._hear_of_others(facts)
        self.broken += torn_apart(self.histories, self.runs[-1], self.log.events(), since=since)
        self.broken += [*told_once(self.hub, self.log.events()), *verified(self.hub, self.runs[-1])]
        return unsettled

    def _unsettled(self, facts: dict[History, Facts], foretold: Foretold) -> set[History]:
        names = {each.name for each in self.histories if not each.steady or each.thaws_or_freezes} | foretold.unclear
        landed = {(each.name, number) for each, seen in facts.items() for number in seen.there}
        abroad = {
            each.name: {
                need[0]
                for pull in seen.open
                if pull.may_land(each.terms, self.clock.now())
                for need in {*pull.needs} - landed
            }
            for each, seen in facts.items()
        }
        if names:
            # A set waits for every repository that cannot be looked at, whether or not it has members there.
            names |= {each.name for each, seen in facts.items() if any(pull.change_set for pull in seen.open)}
        for _ in self.histories:
            names |= {name for name, others in abroad.items() if others & names}
        return {each for each in self.histories if each.name in names}

    def _compare(self, history: History, before: Facts, after: Facts, foretold: Foretold) -> None:
        landed, expected = after.landed - before.landed, foretold.landing[history.name]
        if landed != expected:
            why = [each for each in _left_over(self.runs[-1], history) if each["number"] in expected - landed]
            self._breaks(history, f"{sorted(landed)} landed, {sorted(expected)} had to; told was {why}")
        if (error := self.runs[-1].error(history.repository)) is not None:
            self._breaks(history, f"isolated: nothing disturbed it, and it failed: {error}")

    def _hear_of_others(self, facts: dict[History, Facts]) -> None:
        """What people may depend on elsewhere."""
        known = [(each.name, number) for each, seen in facts.items() for number in seen.pulls]
        for each in self.histories:
            each.people.foreign = [key for key in known if key[0] != each.name]

    def _traces(self, history: History) -> tuple[object, Sequence[Event], object]:
        return history.repository.shown(), history.events(), history.place.seen()

    def _rest(self) -> None:
        """Once everything is settled, a run leaves all as it was."""
        kept, known = self.hub.traces(), len(self.log.events())
        run = self.hub.run()
        events, now = self.log.events(), self.hub.traces()
        changed = [name for name in kept if kept[name] != now[name]]
        ran = [row for row in run.gate_runs() if not row["cached"]]
        if changed or ran:
            new = [(event["type"], event["subject"], event["data"]) for event in events[known:]]
            self.broken.append(f"once: a run without anything new changed {changed}: {new}, and ran {ran}")
        documents = [each.document for each in (*self.runs, run)]
        self.broken += [*told_once(self.hub, events), *secrets_in(self.hub, documents)]

    def _breaks(self, history: History, said: str) -> None:
        story = "\n    ".join(history.people.story)
        self.broken.append(f"{history.name} under {history.terms}: {said}\n    {story}")


def _changes(before: tuple[object, Sequence[Event], object], after: tuple[object, Sequence[Event], object]) -> str:
    """What is another now, and the events that were added."""
    new = [(event["type"], event["subject"], event["data"]) for event in after[1][len(before[1]) :]]
    others = [f"{now} instead of {was}" for was, now in zip(before[::2], after[::2], strict=True) if was != now]
    return "; ".join([*others, f"new are {new}"])


def _left_over(run: Run, history: History) -> list[Mapping[str, Any]]:
    return [each for each in run.repository(history.repository)["pull_requests"] if each["outcome"] != "merged"]


def _needs_others(facts: Facts) -> bool:
    abroad = any(name != facts.repository for pull in facts.open for name, _ in pull.needs)
    return abroad or any(pull.change_set for pull in facts.open)


def found(hub: Hub, folder: Path, clock: SetClock, seed: int, count: int) -> Life:
    """The same organization for the same seed."""
    folder.mkdir()
    clock.moment = BEGINNING
    log, histories = Log(hub), []
    for at in range(count):
        dice = random.Random(f"{seed}/{at}")  # noqa: S311 -- not for secrets
        repository, terms = hub.organization.repository(f"r{at}"), imagine_terms(dice, STEPS)
        place, start = Place(folder / f"r{at}"), repository.tip()
        assert start is not None
        place.install(repository)
        configure(hub.config, f"team-{at}", repository, place, terms, *optional_gates(dice))
        people = People(repository, dice)
        histories.append(History(log, repository, place, terms, dice, people, Graph(repository), start, clock))
    hub.config.policies = policies_of({f"team-{at}": each.terms for at, each in enumerate(histories)})
    dice = random.Random(seed)  # noqa: S311 -- not for secrets
    hub.config.global_["change_sets"] = {"compensate": dice.random() < COMPENSATED}
    return Life(hub, log, folder, clock, histories, dice)
