"""Land: the tested commit itself, or nothing. A moved head or base is an answer, and the next round's business."""

from config.schema import Landing
from tasks.crash_points import CrashPoint, reached
from tasks.domain.gates import Candidate
from tasks.domain.journey import Journey
from tasks.domain.land import Announced, Arrived, BaseMoved, HeadMoved, MergedByHost, Pushed, Rejected, Reply
from tasks.domain.merging import Change
from tasks.domain.model import CommitSha
from tasks.merging import change_of
from tasks.ports import Services
from tasks.recording import recorder_for
from tasks.retrying import step


@step("land {journey.rules.repository}")
def land(journey: Journey, announced: Announced | None, services: Services) -> Reply | None:
    """
    Moves the target branch to what was announced, or records why that did not come about; None: nothing was.

    An earlier try may have landed it without hearing so: that is found out, never done again.
    """
    if announced is None:
        return None
    if journey.rules.landing is Landing.FAST_FORWARD:
        reply = _push(journey, announced, services)
    else:
        reply = _ask_the_host(journey, announced, services)
    reached(CrashPoint.AFTER_PUSH)
    if not isinstance(reply, Arrived):
        recorder = recorder_for(journey.rules, journey.snapshot)
        # What was made for a base that is gone can never land; what was merely declined may, at the next attempt.
        final = isinstance(reply, BaseMoved)
        services.log.append([recorder.merge_failed(intent, _said(reply), final=final) for intent in announced.intents])
        reached(CrashPoint.AFTER_LANDING_FAILURE)
    return reply


def _push(journey: Journey, announced: Announced, services: Services) -> Reply:
    candidate, snapshot = announced.candidate, journey.snapshot
    with services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
        reply = mirror.push(journey.rules.target, candidate.commit, expected=candidate.base)
    return Arrived(announced, reply.commit) if isinstance(reply, Pushed) else reply


def _ask_the_host(journey: Journey, announced: Announced, services: Services) -> Reply:
    """
    The code host asserts the head but not the base, so that is looked at just before.

    A base that moves in between gives another tree than the gated one, which verification finds. One that has moved
    to the gated tree was moved by a try whose answer was lost.
    """
    candidate, snapshot = announced.candidate, journey.snapshot
    (number,) = candidate.members
    change = change_of(journey.pull_request(number))
    tip, ours = _target(journey, candidate, change, services)
    if ours is not None:
        return Arrived(announced, ours)
    if tip != candidate.base:
        return BaseMoved(candidate.base, tip)
    reply = services.code_host.merge(
        snapshot.repository, snapshot.repository_id, change, journey.rules.method, _trailer(candidate)
    )
    return Arrived(announced, reply.commit) if isinstance(reply, MergedByHost) else reply


def _target(
    journey: Journey, candidate: Candidate, change: Change, services: Services
) -> tuple[CommitSha, CommitSha | None]:
    """
    Where the target branch stands, and the commit on it that carries what was to land.

    Whose head is part of the branch already has landed with it, whoever brought it there: the code host would answer
    with another merge than this one.
    """
    snapshot = journey.snapshot
    with services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
        tip = mirror.fetch(journey.rules.target, ())
        if tip == candidate.commit and mirror.contains(tip, change.head):
            return tip, tip
        return tip, mirror.commit_with_tree(candidate.tree, after=candidate.base, until=tip, besides=change.head)


def _trailer(candidate: Candidate) -> str:
    return f"Gated-tree: {candidate.tree}"


def _said(reply: BaseMoved | HeadMoved | Rejected) -> str:
    match reply:
        case BaseMoved(message=message):
            return message
        case HeadMoved(number=number):
            return f"the head of #{number} moved"
        case Rejected(message=message):
            return f"the code host declined: {message}"
