"""Verify: what is on the target branch carries the tree that was gated, read back from the code host."""

from tasks.crash_points import CrashPoint, reached
from tasks.domain.audit import Event
from tasks.domain.errors import LandedTreeDiffers
from tasks.domain.journey import Journey, Landing
from tasks.domain.land import Arrived, Landed, Reply
from tasks.domain.landings import difference
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.records import Recorder
from tasks.merging import close_landed
from tasks.ports import Services
from tasks.recording import recorder_for
from tasks.retrying import step


@step("verify {journey.rules.repository}")
def verify_landing(journey: Journey, reply: Reply | None, services: Services) -> Landing:
    """
    Records the outcome of a landing, proven by the tree.

    Raises LandedTreeDiffers, after recording the alert, where the target branch does not carry the gated tree.
    """
    if not isinstance(reply, Arrived):
        return reply
    landed = _read_back(journey, reply, services)
    recorder = recorder_for(journey.rules, journey.snapshot)
    differences = [(each, said) for each in landed if (said := difference(each, reply, journey.rules.target))]
    if differences:
        told = (_told(journey, recorder, each, said) for each, said in differences)
        services.log.append([event for both in told for event in both])
        raise LandedTreeDiffers(differences[0][1], remedy=_remedy(journey))
    completed = zip(reply.announced.intents, landed, strict=True)
    services.log.append([recorder.merge_completed(intent, each) for intent, each in completed])
    reached(CrashPoint.AFTER_LANDING_RECORD)
    close_landed(journey.rules, journey.snapshot, landed, services)
    reached(CrashPoint.AFTER_CLOSING)
    return landed


def _read_back(journey: Journey, reply: Arrived, services: Services) -> tuple[Landed, ...]:
    """What the target branch took, or what it has instead."""
    candidate, snapshot, method = reply.announced.candidate, journey.snapshot, journey.rules.method
    with services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
        tip = mirror.fetch(journey.rules.target, [reply.commit])
        commit = reply.commit if mirror.contains(tip, reply.commit) else tip
        tree = mirror.tree(commit)
    return tuple(Landed(number, commit, tree, candidate.tree, method) for number in candidate.members)


def _told(journey: Journey, recorder: Recorder, landed: Landed, said: str) -> tuple[Event, Event]:
    pull, reason = journey.pull_request(landed.number), Reason(ReasonCode.TREE_DIFFERS, said)
    return recorder.tree_differs(landed, said), recorder.change_evaluated(pull, reason.outcome, (reason,), None)


def _remedy(journey: Journey) -> str:
    return (
        f"Nothing more lands on {journey.rules.repository} in this run. Compare the two trees, find out who else can "
        "write to the branch, and roll the landing back if it is not wanted."
    )
