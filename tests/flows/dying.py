"""The hub, killed at a chosen point in a sandbox of its own, and what must be the same however often that happened."""

import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tasks.crash_points import VARIABLE, CrashPoint
from tasks.domain.landings import LANDED_OTHERWISE
from tests.flows.conftest import hub_in
from tests.flows.crash_stories import Story
from tests.flows.forked import ForkedSandbox, Forks
from tests.flows.hub import Hub
from tests.flows.world import Repository, World

OF_THE_WAY = (
    *("message.intended", "message.sent", "message.failed", "message.unknown"),
    *("report.generated", "gate.finished"),
)
"""Who was told what together, over which events a report went, and what was gated ahead depend on when a run ended."""
LOGIN = "acme"

OF_THE_SEARCH = ("gate.refused", "change.evaluated")
"""In whose company somebody is refused depends on which of two gates that run at a time is done first."""

UNCLEAR = frozenset({CrashPoint.AFTER_MESSAGE_INTENT, CrashPoint.AFTER_MESSAGE_SENT})
"""Behind these nobody knows whether a message arrived, which the next run tells, and fails for it; once."""


@dataclass(frozen=True, slots=True)
class Mortal:
    """A hub whose runs can be killed; `run` of the hub itself is one that nothing happens to."""

    hub: Hub
    forks: Forks

    def dies(self, point: CrashPoint, *task: str) -> None:
        """`task` is what `tests.flows.hub_process` takes; else a run."""
        assert self.ends(*task, **{VARIABLE: point.value}) == -signal.SIGKILL, f"{point}\n{self.said}"

    def ends(self, *task: str, **environment: str) -> int:
        """The exit status of a process of its own."""
        self.hub.config.write()
        return self.forks.begin(task or ["merge"], self._out, {**self.hub.environment, **environment})

    @property
    def said(self) -> str:
        return self._out.with_name(f"{self._out.name}.err").read_text()

    @property
    def _out(self) -> Path:
        return self.hub.home.parent / "out"


@dataclass(slots=True)
class Stage:
    """One story, planted once; every performance of it has a sandbox that holds a copy."""

    story: Story
    folder: Path
    sandboxes: Forks
    hubs: Forks
    _repositories: list[tuple[str, str]] = field(default_factory=list)
    _performances: int = 0
    _undisturbed: dict[str, Any] | None = None

    def plant(self) -> None:
        with ForkedSandbox(self.sandboxes, self.folder / "planted") as sandbox:
            organization = World(sandbox, self.folder / "planted").organization(LOGIN)
            self.story.plant(organization)
            self._repositories = [(each.name, each.identifier) for each in organization.repositories]

    @contextmanager
    def performance(self) -> Iterator[Mortal]:
        self._performances += 1
        folder = self.folder / str(self._performances)
        folder.mkdir()
        shutil.copytree(self.folder / "planted", folder / "data")
        with ForkedSandbox(self.sandboxes, folder / "data") as sandbox:
            hub = hub_in(World(sandbox, folder / "data"), folder, {}, LOGIN)
            known = [Repository(hub.organization, *each) for each in self._repositories]
            hub.organization.repositories.extend(known)
            self.story.configure(hub.config, hub.organization)
            yield Mortal(hub, self.hubs)
        shutil.rmtree(folder)

    def undisturbed(self) -> dict[str, Any]:
        """What runs leave that nothing happens to."""
        if self._undisturbed is None:
            with self.performance() as mortal:
                first, again = mortal.hub.run(), mortal.hub.run()
                if self.story.problems is not None:
                    assert {len(first.problems), len(again.problems)} == {self.story.problems}, again.problems
                self._undisturbed = left(mortal.hub, exact=self.story.exact)
        return self._undisturbed


def planted(story: Story, folders: pytest.TempPathFactory, forks: tuple[Forks, Forks]) -> Iterator[Stage]:
    hubs, sandboxes = forks
    folder = folders.mktemp(story.name)
    stage = Stage(story, folder, sandboxes, hubs)
    stage.plant()
    yield stage
    shutil.rmtree(folder)


Stages: TypeAlias = Callable[[Story], Stage]
"""Each story is planted when it is asked for, once."""


def stages_of(folders: pytest.TempPathFactory, forks: tuple[Forks, Forks]) -> Iterator[Stages]:
    known: dict[str, Stage] = {}
    with ExitStack() as stack:

        def stage_of(story: Story) -> Stage:
            if story.name not in known:
                known[story.name] = stack.enter_context(contextmanager(planted)(story, folders, forks))
            return known[story.name]

        yield stage_of


def left(hub: Hub, *, exact: bool = True) -> dict[str, Any]:
    """
    The branches, the pull requests, each fact once, each message once, and nothing that lies about.

    What the code host commits bears the time of day: where it lands, commits are not `exact`, and the trees are looked
    at instead. What was announced before a death may land in another batch after it, since more is known by then of
    who is bad; that the first announcement is given up for it is a fact of the death.
    """
    told = [event for event in hub.events() if event["type"] not in OF_THE_WAY]
    facts = [event for event in told if event["data"].get("message") != LANDED_OTHERWISE]
    repositories = hub.organization.repositories
    return {
        "host": {each.full_name: each.shown() | ({} if exact else {"branches": _trees(each)}) for each in repositories},
        "facts": sorted({_exactly(event) if exact else _roughly(event) for event in facts}),
        "lying about": hub.leftovers(),
        "told twice": told_twice(hub),
    }


def _trees(repository: Repository) -> str:
    return repository.git("log", "--first-parent", "--format=%T %s", "main")


def _exactly(event: Mapping[str, Any]) -> tuple[str, ...]:
    if event["type"] in OF_THE_SEARCH:
        return _roughly(event)
    about = (event["repository"] or {}).get("name"), event["subject"].get("pull_request"), event["data"].get("message")
    return event["type"], event["id"], str(event["data"].get("alert", "")), str(about)


def _roughly(event: Mapping[str, Any]) -> tuple[str, ...]:
    about = {name: event["subject"].get(name) for name in ("pull_request", "head", "gate", "tree", "configured")}
    said = event["data"].get("alert") or event["data"].get("outcome") or ""
    return event["type"], str(about), str(said)


def told_twice(hub: Hub) -> list[tuple[str, str]]:
    """What was told to one channel more than once, and messages that nobody announced."""
    told = [(event["subject"]["channel"], event["data"]["key"]) for event in hub.events_of("message.intended")]
    arrived = len(hub.organization.posts()) + len(hub.organization.mails())
    repeated = sorted({each for each in told if told.count(each) > 1})
    return repeated + [("unannounced", str(arrived - len(told)))] * (arrived > len(told))


def unlike(found: Mapping[str, Any], expected: Mapping[str, Any]) -> str:
    """What is there and should not be, and what should be and is not; empty where both are the same."""
    facts, others = (Counter(each["facts"]) for each in (found, expected))
    others_than_facts = [name for name in found if name != "facts" and found[name] != expected[name]]
    lines = [f"{name}: {found[name]} instead of {expected[name]}" for name in others_than_facts]
    lines += [f"too much: {fact}" for fact in (facts - others).elements()]
    return "\n".join(lines + [f"missing: {fact}" for fact in (others - facts).elements()])


def undisturbed_without(left_there: Mapping[str, Any], *alerts: str) -> dict[str, Any]:
    facts = [fact for fact in left_there["facts"] if fact[2] not in alerts]
    return {**left_there, "facts": facts}


def survives(stage: Stage, *points: CrashPoint, and_is_quiet: bool = False) -> None:
    """
    Dies at each of `points`, a run each, and then nobody can tell from what one more run leaves.

    `and_is_quiet`: the run after that does nothing at all.
    """
    unclear = points[-1] in UNCLEAR
    with stage.performance() as mortal:
        for point in points:
            mortal.dies(point)
        hub = mortal.hub
        rerun = hub.run()

        expected = undisturbed_without(stage.undisturbed(), *stage.story.spared)
        difference = unlike(left(hub, exact=stage.story.exact), expected)
        assert not difference, difference
        if stage.story.problems is not None:
            lost = [problem for problem in rerun.problems if "arrived is unknown" in problem]
            assert len(rerun.problems) - len(lost) == stage.story.problems, rerun.problems
            # Where several repositories are at work, another one may have been telling of an incident.
            assert len(lost) >= unclear if stage.story.problems else len(lost) == unclear, rerun.problems
        assert stage.story.problems or hub.flaws() == [], hub.flaws()
        if and_is_quiet:
            kept = hub.traces()
            again = hub.run()
            assert hub.traces() == kept, "the second rerun did something"
            assert again.gate_runs() == [], again.gate_runs()
            assert stage.story.problems in {None, len(again.problems)}, again.problems
