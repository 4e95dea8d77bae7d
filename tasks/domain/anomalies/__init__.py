"""
What is out of the ordinary in the audit log: twenty rules, each a fold over its events.

    rule      what each says of itself          finding   what it found, and the alert that becomes of it
    detector  what each is made of              landing   what a landing rested on, as recorded
    watch     all of them over one log          sigma     the same for a SIEM
"""

from tasks.domain.anomalies.detector import Settings, settings_of
from tasks.domain.anomalies.finding import ALERT, Alert
from tasks.domain.anomalies.rule import Level, Rule, Status
from tasks.domain.anomalies.watch import JUDGED, MEMORY, RULES, Watch, judged

__all__ = [
    "ALERT",
    "JUDGED",
    "MEMORY",
    "RULES",
    "Alert",
    "Level",
    "Rule",
    "Settings",
    "Status",
    "Watch",
    "judged",
    "settings_of",
]
