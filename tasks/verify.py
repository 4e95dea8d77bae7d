"""Verify: what is on the target branch carries the tree that was gated, read back from the code host."""

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.crash_points import CrashPoint, reached
from tasks.domain.errors import LandedTreeDiffers
from tasks.domain.journey import Journey, Landing
from tasks.domain.land import Arrived, Landed, Reply
from tasks.merging import close_landed
from tasks.ports import Services
from tasks.recording import recorder_for
from tasks.retrying import DELAYS, worth_retrying


@task(
    task_run_name="verify {journey.rules.repository}",
    cache_policy=NO_CACHE,
    retries=len(DELAYS),
    retry_delay_seconds=DELAYS,
    retry_condition_fn=worth_retrying,
)
def verify_landing(journey: Journey, reply: Reply | None, services: Services) -> Landing:
    """
    Records the outcome of a landing, proven by the tree.

    Raises LandedTreeDiffers, after recording the alert, where the target branch does not carry the gated tree.
    """
    if not isinstance(reply, Arrived):
        return reply
    landed = _read_back(journey, reply, services)
    recorder = recorder_for(journey.rules, journey.snapshot)
    differing = [each for each in landed if each.tree != each.gated_tree]
    if differing:
        message = _difference(differing[0])
        services.log.append([recorder.tree_differs(each, message) for each in differing])
        raise LandedTreeDiffers(message, remedy=_remedy(journey))
    completed = zip(reply.announced.intents, landed, strict=True)
    services.log.append([recorder.merge_completed(intent, each) for intent, each in completed])
    reached(CrashPoint.AFTER_LANDING_RECORD)
    close_landed(journey.rules, journey.snapshot, landed, services)
    reached(CrashPoint.AFTER_CLOSING)
    return landed


def _read_back(journey: Journey, reply: Arrived, services: Services) -> tuple[Landed, ...]:
    candidate, snapshot, method = reply.announced.candidate, journey.snapshot, journey.rules.method
    with services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
        tip = mirror.fetch(journey.rules.target, [reply.commit])
        arrived = mirror.contains(tip, reply.commit)
        tree = mirror.tree(reply.commit)
    if not arrived:
        message = f"{journey.rules.target} does not contain {reply.commit}, which it had taken"
        raise LandedTreeDiffers(message, remedy=_remedy(journey))
    return tuple(Landed(number, reply.commit, tree, candidate.tree, method) for number in candidate.members)


def _difference(landed: Landed) -> str:
    return f"#{landed.number} landed as {landed.commit} with tree {landed.tree}; gated was tree {landed.gated_tree}"


def _remedy(journey: Journey) -> str:
    return (
        f"Nothing more lands on {journey.rules.repository} in this run. Compare the two trees, find out who else can "
        "write to the branch, and roll the landing back if it is not wanted."
    )
