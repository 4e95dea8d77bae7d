"""AN-20: many small things about one person, which together are none."""

from collections import deque
from datetime import datetime

from tasks.domain.anomalies.finding import WINDOW, Found, Place, Raised
from tasks.domain.anomalies.rule import Level, Rule, Status

DISTINCT = 3

MANY_ALERTS = Rule(
    id="AN-20",
    uuid="e08d1c1f-9bab-4a4f-bba6-5bed6da0c0e5",
    title="Several rules say something of one person",
    level=Level.HIGH,
    status=Status.TEST,
    description="Alerts of three different rules on one login within 60 minutes.",
    false_positives=("Somebody new, who works at night and fast",),
    tags=("attack.initial-access", "attack.t1078"),
    who="the team's lead",
    step="Ask the person whether it was them; take their access if it was not",
)


class ManyAlerts:
    """Is shown each alert, by what found it, in the order of the log; what is overdue is nobody's doing."""

    def __init__(self) -> None:
        self._latest: dict[str, deque[tuple[datetime, str, str]]] = {}

    def remember(self, raised: Raised) -> None:
        if raised.actor is not None and raised.rule != MANY_ALERTS.id:
            cause = raised.events[-1] if raised.events else ""
            self._latest.setdefault(raised.actor, deque()).append((raised.at, raised.rule, cause))

    def raised(self, found: Found) -> Found | None:
        if found.actor is None:
            return None
        latest = self._latest.setdefault(found.actor, deque())
        latest.append((found.at, found.rule.id, found.events[-1]))
        while latest[0][0] < found.at - WINDOW:
            latest.popleft()
        rules = sorted({rule for _, rule, _ in latest})
        if len(rules) < DISTINCT:
            return None
        message = f"{', '.join(rules)} within 60 minutes on {found.actor}"
        causes = tuple(dict.fromkeys(event for _, _, event in latest))
        return Found(MANY_ALERTS, (found.actor,), found.at, causes, message, Place(found.place.team), found.actor)
