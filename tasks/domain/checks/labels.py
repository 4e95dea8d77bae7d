"""Labels are compared whole: `no-security-review-pending` is not `security-review-pending`."""

from collections.abc import Iterable

from tasks.domain.model import PullRequest
from tasks.domain.reasons import Reason, ReasonCode


def judge_labels(
    pull_request: PullRequest, wanted: Iterable[str], excluded: Iterable[str]
) -> tuple[str, tuple[Reason, ...]]:
    """
    To the code host a label is the same in upper and lower case.

    What is wanted must be spelt as configured, what is excluded is recognized however it is spelt, so that both err on
    the side of holding.
    """
    author = pull_request.author
    there = {label.casefold() for label in pull_request.labels}
    missing = [label for label in dict.fromkeys(wanted) if label not in pull_request.labels]
    present = [label for label in dict.fromkeys(excluded) if label.casefold() in there]
    reasons = [Reason(ReasonCode.LABEL_MISSING, f"the label {label} is not set", author) for label in missing]
    reasons += [Reason(ReasonCode.LABEL_EXCLUDED, f"the label {label} is set", author) for label in present]
    if not reasons:
        return "every wanted label is set and no excluded one", ()
    return "; ".join(reason.message for reason in reasons), tuple(reasons)
