"""
How much of the log nobody outside has seen yet, and that it could not be sealed or shown.

Whoever holds the keys can rewrite what nobody outside has seen: the time since the last anchor is the window for that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from tasks.domain.audit import Event, EventType
from tasks.domain.bounds import bounded
from tasks.domain.errors import LogRewritten, MergeHubError
from tasks.domain.reasons import told_moment
from tasks.domain.records import Recorder


@dataclass(frozen=True, slots=True)
class Exposure:
    """`anchored` of the `size` events were stamped by an authority, the last of them at that time; None: none were."""

    size: int
    anchored: int = 0
    at: datetime | None = None

    def document(self) -> dict[str, JsonValue]:
        anchor: dict[str, JsonValue] | None = None
        if self.at is not None:
            anchor = {"size": self.anchored, "stamped_at": told_moment(self.at)}
        return {"last_anchor": anchor, "events_not_anchored": self.size - self.anchored}


def exposed(audit: Mapping[str, Any], finished_at: str) -> str:
    """For people, of the part `audit` of a run's document: what could be rewritten unseen, and since when."""
    waiting, anchor = audit["events_not_anchored"], audit["last_anchor"]
    if anchor is None:
        return f"{waiting} events that no authority outside has stamped"
    if waiting == 0:
        return f"nothing: all {anchor['size']} events were stamped at {anchor['stamped_at']}"
    since = datetime.fromisoformat(finished_at) - datetime.fromisoformat(anchor["stamped_at"])
    return f"{waiting} events, since the last stamp {max(round(since.total_seconds() / 60), 0)} minutes ago"


def unsealed_event(recorder: Recorder, error: MergeHubError, since: int) -> Event:
    """`since` is up to where all was well: the same failure after it is the same fact, and told once."""
    return _failure(recorder, "log-rewritten" if isinstance(error, LogRewritten) else "log-not-sealed", error, since)


def unanchored_event(recorder: Recorder, error: MergeHubError, since: int) -> Event:
    return _failure(recorder, "log-not-anchored", error, since)


def _failure(recorder: Recorder, kind: str, error: MergeHubError, since: int) -> Event:
    data: dict[str, JsonValue] = {
        "alert": kind,
        "severity": "critical" if kind == "log-rewritten" else "high",
        "code": error.code,
        "message": bounded(error.message),
        "remedy": bounded(error.remedy),
    }
    return recorder.event(EventType.ALERT_RAISED, {"code": error.code, "since": since}, data, {"alert": kind})
