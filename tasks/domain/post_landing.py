"""
What was said about something that has landed, by gates and of its health, and which of that is an incident.

A gate that said no is asked again on the same tree before it is believed, once unless it says otherwise. One that says
yes then is unreliable, which is told, and nothing is taken back for it. One that could not be run to an answer says
nothing about the landing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from config.schema import AfterLanding, Gate, HealthCheck
from tasks.domain.approvals import short
from tasks.domain.audit import Event, EventType
from tasks.domain.bounds import bounded, listed
from tasks.domain.gates import ANSWERS, GateResult, Verdict, definition_digest
from tasks.domain.health import health_digest
from tasks.domain.model import Digest
from tasks.domain.records import Recorder
from tasks.domain.refusals import ending
from tasks.domain.rollback import LandingRecord

GATES_NAMED = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """All that was said when it was asked, at least once, the latest last."""

    gate: AfterLanding | Gate
    said: tuple[GateResult, ...]

    @property
    def first(self) -> GateResult:
        return self.said[0]

    @property
    def last(self) -> GateResult:
        return self.said[-1]

    @property
    def failed(self) -> bool:
        """It says no, and that counts."""
        return self.gate.required and self.last.verdict in ANSWERS

    @property
    def errored(self) -> bool:
        return self.gate.required and self.last.verdict not in {*ANSWERS, Verdict.PASSED}

    @property
    def unreliable(self) -> bool:
        return len(self.said) > 1 and self.last.verdict is Verdict.PASSED


def to_ask_again(answers: Iterable[Answer]) -> tuple[Gate, ...]:
    """Those whose no would have consequences, as often as each may be asked."""
    return tuple(
        answer.gate
        for answer in answers
        if isinstance(answer.gate, Gate) and answer.failed and len(answer.said) <= answer.gate.retries
    )


def with_answers(answers: Iterable[Answer], said: Mapping[str, GateResult]) -> tuple[Answer, ...]:
    """With what those that were asked again say now."""
    return tuple(
        Answer(each.gate, (*each.said, said[each.gate.name])) if each.gate.name in said else each for each in answers
    )


def finished(recorder: Recorder, landing: LandingRecord, environment: Digest, answer: Answer) -> Event:
    subject: dict[str, JsonValue] = {
        "candidate": landing.candidate,
        "commit": landing.commit,
        "gate": answer.gate.name,
        "definition": _definition(answer.gate),
        "environment": environment,
    }
    data: dict[str, JsonValue] = {
        **_said(answer.last),
        "required": answer.gate.required,
        "before": [_said(result) for result in answer.said[:-1]],
        "tree": landing.tree,
        "pull_requests": list(landing.numbers),
    }
    return recorder.event(EventType.LANDING_TESTED, subject, data, {"verdict": answer.last.verdict.value})


def incidents(
    recorder: Recorder, landing: LandingRecord, answers: Sequence[Answer], by_hand: Sequence[str], *, rollback: bool
) -> list[Event]:
    """
    At most one for each kind of thing that happened.

    `rollback` says that the landing is to be taken back, `by_hand` how a person does that.
    """
    failed = [answer for answer in answers if answer.failed]
    errored = [answer for answer in answers if answer.errored]
    unreliable = [answer for answer in answers if answer.unreliable]
    doubtful = f"{_sentence([(answer.gate, answer.first) for answer in unreliable])}, and passed when asked again"
    done: dict[str, JsonValue] = {"rollback": rollback, "remedy": _TAKEN_BACK if rollback else _BY_HAND}
    done |= {} if rollback else listed("commands", list(by_hand))
    told: list[tuple[list[Answer], str, str, Mapping[str, JsonValue]]] = [
        (failed, "post-landing-failed", _sentence([(answer.gate, answer.last) for answer in failed]), done),
        (errored, "post-landing-errored", _sentence([(answer.gate, answer.last) for answer in errored]), {}),
        (unreliable, "post-landing-unreliable", doubtful, {}),
    ]
    return [
        _alert(
            recorder,
            landing,
            [answer.gate for answer in those],
            {"alert": kind, "because": bounded(because), **more},
        )
        for those, kind, because, more in told
        if those
    ]


_BY_HAND = "Read the gate's log and mend the branch, or take the landing back by hand."
_TAKEN_BACK = "Read the log. It is taken back: what comes of that is told with its pull requests, or as an incident."
_SEVERITY = {"post-landing-failed": "critical", "post-landing-errored": "high", "post-landing-unreliable": "medium"}


def _alert(
    recorder: Recorder, landing: LandingRecord, gates: Sequence[AfterLanding | Gate], said: Mapping[str, JsonValue]
) -> Event:
    message = f"{landing.named} landed on {landing.target} as {short(landing.commit)}: {said['because']}"
    data: dict[str, JsonValue] = {
        **said,
        "severity": _SEVERITY[str(said["alert"])],
        "message": bounded(message),
        "pull_requests": list(landing.numbers),
    }
    subject: dict[str, JsonValue] = {"candidate": landing.candidate, "commit": landing.commit}
    identity: dict[str, JsonValue] = {"alert": said["alert"], "gates": [gate.name for gate in gates]}
    return recorder.event(EventType.ALERT_RAISED, subject, data, identity)


def _definition(gate: AfterLanding | Gate) -> Digest:
    return health_digest(gate) if isinstance(gate, HealthCheck) else definition_digest(gate)


def _sentence(results: Sequence[tuple[AfterLanding | Gate, GateResult]]) -> str:
    named = [_ending(gate, result) for gate, result in results[:GATES_NAMED]]
    return ", ".join(named) + (f" and {more} more" if (more := len(results) - len(named)) else "")


def _ending(gate: AfterLanding | Gate, result: GateResult) -> str:
    if isinstance(gate, HealthCheck) and result.verdict in ANSWERS:
        return f"health {result.gate} was not good within {gate.health.deadline} of the landing"
    if isinstance(gate, HealthCheck):
        return f"health {result.gate} could not be asked after"
    return f"gate {result.gate} {ending(result)}"


def _said(result: GateResult) -> dict[str, JsonValue]:
    return {
        "verdict": result.verdict.value,
        "exit_code": result.exit_code,
        "milliseconds": round(result.seconds * 1000),
        "log": result.log,
    }
