"""Which earlier heads bring the same as the head, asked of git where approvals survive that and one of them may."""

from collections.abc import Sequence
from dataclasses import replace

from tasks.code_store import Mirror
from tasks.domain.approvals import heads_to_compare
from tasks.domain.content import bring_the_same
from tasks.domain.model import CommitSha, PullRequest, Snapshot
from tasks.domain.rules import Rules
from tasks.ports import Services


def with_same_content(
    pulls: Sequence[PullRequest], rules: Rules, snapshot: Snapshot, services: Services
) -> tuple[PullRequest, ...]:
    """`pulls` are of the repository that `snapshot` is of; the target branch is taken as it is now."""
    compared = {pull.number: heads_to_compare(pull, rules.approvals_survive) for pull in pulls}
    asked = {commit for pull in pulls if compared[pull.number] for commit in (pull.head, *compared[pull.number])}
    if not asked:
        return tuple(pulls)
    with services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
        fetched = mirror.fetch_heads(rules.target, sorted(asked))
        there = asked - fetched.gone
        return tuple(
            replace(
                pull,
                same_content=frozenset(
                    earlier
                    for earlier in compared[pull.number]
                    if {earlier, pull.head} <= there and _same(mirror, fetched.tip, earlier, pull.head)
                ),
            )
            for pull in pulls
        )


def _same(mirror: Mirror, target: CommitSha, earlier: CommitSha, head: CommitSha) -> bool:
    before, now = mirror.brought(target, earlier), mirror.brought(target, head)
    moved = None if now is None else mirror.merged_tree(now.base, earlier)
    return bring_the_same(before, now, moved)
