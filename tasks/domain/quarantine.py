"""
Whether gates have refused a pull request so often that another head of it is not gated unasked.

Each head counts once, and once more for each time that the label `retry` was set and it was refused again. What is
counted are refusals in the log: a gate that could not be run to an answer leaves none. A new head does not end it; only
the label does, set anew, and once for each time that it is set.
"""

from collections.abc import Iterable

from tasks.domain.approvals import short
from tasks.domain.audit import Event
from tasks.domain.memory import Memory
from tasks.domain.model import CommitSha, PullRequest
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.remembered import RefusalRecord, parse_refusal

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


def reasons_after(
    pull_request: PullRequest, refused: Iterable[Event], memory: Memory, limit: int
) -> tuple[Reason, ...]:
    """As the next run will find it, once the log has taken the events that tell of its being `refused`."""
    now = (parse_refusal(event) for event in refused)
    return reasons_of_quarantine(pull_request, (*memory.refusals, *now), limit)
