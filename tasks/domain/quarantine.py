"""
Whether gates have refused a pull request so often that another head of it is not gated unasked.

Each head counts once, and once more for each time that the label `retry` was set and it was refused again. What is
counted are refusals in the log: a gate that could not be run to an answer leaves none. A new head does not end it; only
the label does, set anew, and once for each time that it is set.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from tasks.domain.approvals import short
from tasks.domain.journey import REFUSED_BY_GATES, Journey
from tasks.domain.memory import Memory
from tasks.domain.model import CommitSha, PullRequest
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.remembered import RefusalRecord

REFUSALS_NAMED = 5


def reasons_of_quarantine(
    pull_request: PullRequest, refusals: Iterable[RefusalRecord], limit: int
) -> tuple[Reason, ...]:
    """`refusals` in the order of the log; the latest are named, each with its head and gates."""
    attempts: dict[tuple[CommitSha, str | None], dict[str, None]] = {}
    for refusal in refusals:
        if refusal.number == pull_request.number:
            attempts.setdefault((refusal.head, refusal.retry), {})[refusal.gate] = None
    asked_anew = pull_request.retry_requested not in {None, *(retry for _, retry in attempts)}
    if len(attempts) < limit or asked_anew:
        return ()
    named = [f"{', '.join(gates)} on {short(head)}" for (head, _), gates in list(attempts.items())[-REFUSALS_NAMED:]]
    earlier = len(attempts) - len(named)
    told = "; ".join([*([f"{earlier} earlier"] if earlier else []), *named])
    times = "once" if len(attempts) == 1 else f"{len(attempts)} times"
    message = f"gates refused it {times}, the limit is {limit}: {told}"
    return (Reason(ReasonCode.QUARANTINED, message, pull_request.author),)


def quarantined(journey: Journey, remembered: Callable[[], Memory]) -> Journey:
    """
    Tells whom gates refused, perhaps just now, that another head will not be gated unasked.

    What is `remembered` by now is asked for only where gates refused anybody.
    """
    refused = [
        pull
        for pull in journey.snapshot.pull_requests
        if REFUSED_BY_GATES & {reason.code for reason in journey.reasons.get(pull.number, ())}
    ]
    if not refused:
        return journey
    refusals, limit = remembered().refusals, journey.rules.queue.quarantine_after
    told = {
        pull.number: (*journey.reasons[pull.number], *reasons_of_quarantine(pull, refusals, limit)) for pull in refused
    }
    return replace(
        journey,
        reasons={**journey.reasons, **{number: tuple(dict.fromkeys(reasons)) for number, reasons in told.items()}},
    )
