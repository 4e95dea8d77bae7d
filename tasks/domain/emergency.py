"""
Is a pull request an emergency: something that two people let land though rules marked `waivable` are not satisfied?

It bears the label. Somebody gave a reason: by command, or the author in the description, in a line `Emergency: …`.
Somebody else has approved its very head: neither who wrote a part of it nor who asked. Where only the description
tells, nobody knows who set the label, so that two have to approve: one of them did not.
"""

import re
from dataclasses import dataclass

from config.schema import Emergency
from tasks.domain.approvals import count_approvals
from tasks.domain.bodies import visible_lines
from tasks.domain.dependencies import printable
from tasks.domain.model import Declared, Login, PullRequest

BY = "emergency"
"""What is told in the place of a waiver's id."""
LONGEST_REASON = 300
_LINE = re.compile(r"\s*(?:[-*+]\s+)?[*_]{0,3}Emergency[*_]{0,3}:[*_]{0,3}\s*(?P<reason>\S.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Emerged:
    """`asked_by` is None where the description alone tells; `others` are those who approved and did not ask."""

    reason: str
    asked_by: str | None
    others: tuple[Login, ...]

    @property
    def told(self) -> str:
        asked = f"asked for by {self.asked_by}" if self.asked_by else "as its description says"
        return f"emergency {asked}, with {', '.join(self.others)}: {self.reason}"


def emergency_of(
    pull: PullRequest, emergency: Emergency | None, declared: Declared | None, approvers: frozenset[Login] | None
) -> Emerged | None:
    """`declared` holds at that time. None where it is no emergency, or lacks something that one needs."""
    if emergency is None or emergency.label.casefold() not in {each.casefold() for each in pull.labels}:
        return None
    if pull.author is None:
        return None
    approved = count_approvals(pull, approvers=approvers, only_of_head=True).approvers
    if declared is not None:
        others = tuple(sorted(approved - {Login(declared.by.casefold())}))
        return Emerged(declared.reason, declared.by, others) if others else None
    reason = reason_in(pull.body)
    needed = 2
    return Emerged(reason, None, tuple(sorted(approved))) if reason and len(approved) >= needed else None


def reason_in(body: str) -> str | None:
    for line in visible_lines(body):
        if found := _LINE.fullmatch(line):
            return printable(found["reason"], LONGEST_REASON)
    return None
