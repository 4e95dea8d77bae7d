"""The audit log as anybody reads it who has its file: line by line, once each."""

import json
import threading
from dataclasses import dataclass, field
from typing import Any

from tests.flows.hub import Hub
from tests.flows.world import Repository


@dataclass(slots=True)
class Log:
    hub: Hub
    _known: list[dict[str, Any]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def events(self) -> list[dict[str, Any]]:
        with self._lock:
            new = self.hub.log_bytes(after=len(self._known))
            self._known.extend(json.loads(line) for line in new.splitlines())
            return list(self._known)

    def about(self, repository: Repository) -> list[dict[str, Any]]:
        return [
            each for each in self.events() if each["repository"] and each["repository"]["id"] == repository.identifier
        ]
