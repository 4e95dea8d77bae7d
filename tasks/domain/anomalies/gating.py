"""AN-07 to AN-09: gates that were passed by, are fewer than before, or took another time than ever."""

from collections.abc import Iterable
from datetime import timedelta

from tasks.domain.anomalies.detector import Detector, Settings
from tasks.domain.anomalies.finding import Found, Place
from tasks.domain.anomalies.landing import Landing
from tasks.domain.anomalies.rule import Level, Rule, Status
from tasks.domain.anomalies.statistics import Durations
from tasks.domain.audit import Event, EventType
from tasks.domain.gates import Verdict
from tasks.domain.remembered import moment_of

LEAST_DIFFERENCE = timedelta(seconds=5)
FAR_TOO_FAST = 5


class PassedByGate(Detector):
    rule = Rule(
        id="AN-07",
        uuid="532dd696-e32d-4028-868f-5a6a0122f77b",
        title="Something landed past its gates, or tells machines to skip theirs",
        level=Level.CRITICAL,
        status=Status.STABLE,
        description="A landing whose required gates are none, did not all pass, or of whose pass on the gated tree the "
        "log holds no result; or one that brings a commit whose message tells machines to skip their checks.",
        false_positives=("A message that quotes `[skip ci]`",),
        tags=("attack.defense-evasion", "attack.t1562.001", "attack.t1195.002"),
        who="whoever is on call for merge-hub",
        step="Run the gates on what landed and compare the audit log; roll it back where they do not pass",
        limits="The hub lands nothing without its gates: but for messages this finds a hub that does, or a record "
        "that somebody made up.",
    )
    sees = frozenset({EventType.GATE_FINISHED})

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._passes: set[tuple[str, str, str]] = set()

    def seen(self, event: Event) -> Iterable[Found]:
        if event.data["verdict"] == Verdict.PASSED:
            self._passes.add((Place.of(event).key, str(event.subject["tree"]), str(event.subject["gate"])))
        return ()

    def landed(self, landing: Landing) -> Iterable[Found]:
        for what in (*self._against(landing), *_asking_to_skip(landing)):
            about = (landing.place.key, str(landing.number), landing.head, what)
            message = f"{landing.name} landed as {landing.head[:12]}, though {what}"
            yield Found(
                self.rule, about, landing.at, landing.events, message, landing.place, landing.author, quiet=None
            )

    def _against(self, landing: Landing) -> Iterable[str]:
        if landing.gates is None:
            return
        if not landing.gates:
            yield "no gate was required"
        tree = str(landing.intent.data.get("tree"))
        for gate in landing.gates:
            if gate.verdict != Verdict.PASSED:
                yield f"gate {gate.name} {gate.verdict.replace('-', ' ')}"
            elif (landing.place.key, tree, gate.name) not in self._passes and not (
                gate.cached and self.settings.from_the_middle
            ):
                yield f"no result of gate {gate.name} on its tree is on record"


def _asking_to_skip(landing: Landing) -> Iterable[str]:
    if landing.skipping:
        yield f"{landing.skipping[0][:12]} tells machines to skip their checks"


class ShrunkGateSet(Detector):
    rule = Rule(
        id="AN-08",
        uuid="fa97dc57-44a6-475f-b0a7-fef62d647dc1",
        title="Fewer gates are required than before",
        level=Level.HIGH,
        status=Status.TEST,
        description="The gates required of a landing lack one that the landing before it had to pass.",
        false_positives=("A gate that was renamed or replaced by another one",),
        tags=("attack.defense-evasion", "attack.t1562.001"),
        who="whoever keeps the team file",
        step="Look who changed the configuration and who reviewed that; bring the gate back if it was not meant",
        limits="Seen with the first landing that the smaller set let pass.",
    )

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._last: dict[tuple[str, str], frozenset[str]] = {}

    def landed(self, landing: Landing) -> Iterable[Found]:
        if landing.gates is None:
            return
        where = (landing.place.key, str(landing.intent.data.get("target")))
        now = frozenset(gate.name for gate in landing.gates)
        gone, self._last[where] = self._last.get(where, now) - now, now
        if gone:
            names = ", ".join(sorted(gone))
            message = f"{landing.place.name} lands without {names} since {landing.name}"
            about = (*where, landing.event.id)
            yield Found(self.rule, about, landing.at, landing.events, message, landing.place, quiet=None)


class GateDuration(Detector):
    rule = Rule(
        id="AN-09",
        uuid="8afcc605-f7a0-4e1a-9f5c-f2874fe12490",
        title="A gate took another time than it usually does",
        level=Level.MEDIUM,
        status=Status.TEST,
        description="A pass whose duration is more than 3.5 robust standard deviations from the median of the last 100 "
        "of the same gate and repository, in logarithms, and more than five seconds; high where it took less than a "
        "fifth of the usual time, as a gate does that does nothing.",
        false_positives=("A cache that was filled or emptied", "A machine that is overloaded", "Tests that were split"),
        tags=("attack.defense-evasion", "attack.t1562.001"),
        who="the team's lead",
        step="Read the gate's log: if it was fast, whether it ran its tests at all",
        limits="Judged from the twentieth pass on. What is usually done within five seconds is never too fast.",
    )
    sees = frozenset({EventType.GATE_FINISHED})

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._known: dict[tuple[str, str], Durations] = {}

    def seen(self, event: Event) -> Iterable[Found]:
        if event.data["verdict"] != Verdict.PASSED:
            return
        place, gate = Place.of(event), str(event.subject["gate"])
        took = int(str(event.data["milliseconds"]))
        known = self._known.setdefault((place.key, gate), Durations())
        if len(known) >= self.settings.anomalies.gate_results and self._is_odd(took, known):
            fast = took < known.usual
            level = Level.HIGH if took * FAR_TOO_FAST < known.usual else None
            message = (
                f"gate {gate} of {place.name} passed in {_seconds(took)}, and usually takes {_seconds(known.usual)}"
            )
            about = (place.key, gate, "fast" if fast else "slow")
            yield Found(self.rule, about, moment_of(event), (event.id,), message, place, level=level)
        known.add(took)

    def _is_odd(self, took: int, known: Durations) -> bool:
        far = abs(took - known.usual) >= LEAST_DIFFERENCE / timedelta(milliseconds=1)
        return far and abs(known.score(took)) > self.settings.anomalies.gate_duration


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.1f} s"
