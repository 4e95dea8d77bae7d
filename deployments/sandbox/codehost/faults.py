"""Misbehaviour on request: which requests shall fail, how, and how often."""

import re
import threading
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from .errors import Invalid

API_PREFIX = "/api/v3"


@dataclass(slots=True)
class Fault:
    """`times` counts down; below zero it never ends. What is None does not happen."""

    method: str | None
    path: str
    times: int = 1
    status: int | None = None
    delay: float | None = None
    drop: bool = False
    rate_limit: str | None = None
    seconds: int = 60
    body: Any = None

    def fits(self, method: str, path: str) -> bool:
        if self.times == 0 or (self.method and self.method.upper() != method):
            return False
        spellings = {path, path.removeprefix(API_PREFIX)}
        return any(fnmatchcase(one, self.path) or self._matches(one) for one in spellings)

    def _matches(self, path: str) -> bool:
        try:
            return re.fullmatch(self.path, path) is not None
        except re.error:
            return False


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, document: dict[str, Any]) -> Fault:
        fault = parse_fault(document)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def pending(self) -> list[Fault]:
        with self._lock:
            return [fault for fault in self._faults if fault.times != 0]

    def take(self, method: str, path: str) -> Fault | None:
        """The oldest fault that fits, used once."""
        with self._lock:
            for fault in self._faults:
                if fault.fits(method, path):
                    if fault.times > 0:
                        fault.times -= 1
                    return fault
        return None


def parse_fault(document: dict[str, Any]) -> Fault:
    match = document.get("match") or {}
    limit = document.get("rate_limit")
    kind, options = (limit.get("kind", "primary"), limit) if isinstance(limit, dict) else (limit, {})
    if limit is True:
        kind = "primary"
    effects = ("status", "delay", "drop", "rate_limit")
    if not isinstance(match, dict) or not any(document.get(effect) for effect in effects):
        raise Invalid(message="A fault needs `match` and one of status, delay, drop, rate_limit.")
    if kind not in {None, "primary", "secondary"}:
        raise Invalid(message="`rate_limit` is primary or secondary.")
    numbers = (document.get("times", 1), document.get("status") or 0, document.get("delay") or 0)
    waits = options.get("reset_in", options.get("retry_after", 60))
    if not all(isinstance(number, int | float) for number in (*numbers, waits)):
        raise Invalid(message="`times`, `status`, `delay` and the seconds of `rate_limit` are numbers.")
    return Fault(
        method=match.get("method"),
        path=match.get("path") or "*",
        times=int(document.get("times", 1)),
        status=document.get("status"),
        delay=document.get("delay"),
        drop=bool(document.get("drop")),
        rate_limit=kind,
        seconds=int(waits),
        body=document.get("body"),
    )
