"""The one way from the audit log to what it remembers of a repository: only what has a use there is read."""

from tasks.domain.memory import REMEMBERED, Memory, recall
from tasks.ports import Services


def remembered(repository_id: str, services: Services) -> Memory:
    return recall(services.log.events(repository_id=repository_id, types=REMEMBERED))
