"""Replay: what is on record, judged by other policies. It reads the log and the evidence, and asks no code host."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from config.schema import PolicyFile
from tasks.domain.audit import Event
from tasks.domain.facts import Facts, UnreadableFacts, read_facts
from tasks.domain.model import Digest
from tasks.domain.replay import REPLAYED, Replay, judge_again
from tasks.evidence import key_of, load_by_digest
from tasks.ports import Archive

_AT_HAND = 64
"""Decisions that were made together rest on the same facts, and stand side by side in the log."""


def replay(
    policies: tuple[PolicyFile, ...], repositories: Iterable[str], since: datetime | None, archive: Archive
) -> Replay:
    """Of these repositories, by their names whatever the case; raises EvidenceConflict for what was tampered with."""
    chosen = {name.casefold() for name in repositories}

    @lru_cache(maxsize=_AT_HAND)
    def kept(digest: Digest) -> Facts | str:
        if key_of(digest) not in archive.evidence.keys(key_of(digest)):
            return "the facts that it was decided on are not in the evidence store"
        try:
            return read_facts(load_by_digest(digest, archive))
        except UnreadableFacts as error:
            return str(error)

    def facts_of(event: Event) -> Facts | str:
        digest = event.data.get("facts")
        return kept(Digest(digest)) if isinstance(digest, str) else "the facts that it was decided on were not kept"

    events = (
        event
        for event in archive.log.events(types=REPLAYED)
        if event.repository is not None and event.repository.name.casefold() in chosen
    )
    return judge_again(events, policies, facts_of, since)
