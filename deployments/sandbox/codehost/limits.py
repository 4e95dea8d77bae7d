"""
Rate limits, counted for each account in windows of an hour.

The count is only for show until the world sets a limit: a busy test must not run dry by accident. A limit of 0 is
GitHub Enterprise Server with rate limits switched off.
"""

import threading
import time
from dataclasses import dataclass

SHOWN_LIMIT = 15000
WINDOW = 3600


@dataclass(slots=True)
class Window:
    reset: int
    used: int = 0


class RateLimits:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[tuple[str, str], Window] = {}
        self.limit: int | None = None

    def exhausted(self, login: str, resource: str) -> bool:
        with self._lock:
            return bool(self.limit) and self._window(login, resource).used >= (self.limit or 0)

    def count(self, login: str, resource: str) -> None:
        with self._lock:
            self._window(login, resource).used += 1

    def reset(self) -> None:
        with self._lock:
            self._windows.clear()

    def numbers(self, login: str, resource: str) -> dict[str, int]:
        with self._lock:
            window = self._window(login, resource)
            limit = SHOWN_LIMIT if self.limit is None else self.limit
            used = min(window.used, limit)
            return {"limit": limit, "used": used, "remaining": max(limit - used, 0), "reset": window.reset}

    def headers(self, login: str, resource: str) -> dict[str, str]:
        numbers = self.numbers(login, resource)
        return {f"x-ratelimit-{name}": str(value) for name, value in numbers.items()} | {
            "x-ratelimit-resource": resource
        }

    def _window(self, login: str, resource: str) -> Window:
        key = (login, resource)
        window = self._windows.get(key)
        if window is None or window.reset <= time.time():
            window = self._windows[key] = Window(int(time.time()) + WINDOW)
        return window
