"""What rules need to know beyond the pull requests: asked for where a rule needs it, and not where none does."""

from collections.abc import Iterable, Mapping, Sequence

from tasks.code_store import Mirror
from tasks.domain.circumstances import OF_THE_MIRROR, Need, named_groups, needed
from tasks.domain.gates import Candidate, steps_of
from tasks.domain.model import (
    Circumstances,
    CommitSha,
    Contribution,
    CredentialAge,
    OwnersFile,
    PullRequest,
    Snapshot,
    TreeSha,
    owner_of,
)
from tasks.domain.owners import LARGEST_OWNERS_FILE, OWNERS_FILES, read_owners
from tasks.domain.protection import CommitSignature, Protection
from tasks.domain.rules import Rules
from tasks.emergency_log import declared_here
from tasks.ports import Services

MOST_COMMITS = 1_000


def read_circumstances(
    rules: Rules,
    snapshot: Snapshot,
    pull_requests: Sequence[PullRequest],
    base: CommitSha,
    services: Services,
    *,
    about_to_land: Candidate | None = None,
) -> Circumstances:
    """
    `base` is the target branch on which `pull_requests` would land; a head that is gone stays unknown.

    Of those that are `about_to_land` it is told what each changes in its place among the others.
    """
    needs = needed(rules)
    contributions = dict[int, Contribution]()
    owners: OwnersFile | None = None
    trees = dict[CommitSha, TreeSha]()
    if needs & OF_THE_MIRROR:
        with services.code.exclusively(snapshot.repository, snapshot.repository_id) as mirror:
            gone = mirror.fetch_heads(rules.target, [pull.head for pull in pull_requests]).gone
            here = [pull for pull in pull_requests if pull.head not in gone and pull.target == rules.target]
            if Need.CONTRIBUTIONS in needs:
                contributions = _contributions(mirror, here, base, about_to_land)
            if Need.CODE_OWNERS in needs:
                owners = _owners(mirror, base)
            if Need.LANDING_TREE in needs and about_to_land is not None:
                trees = {about_to_land.commit: mirror.tree(about_to_land.commit)}
    named = (*named_groups(rules), *(read_owners(owners.text).teams if owners is not None else ()))
    return Circumstances(
        at=services.clock.now().replace(hour=0, minute=0, second=0, microsecond=0) if needs or rules.waivers else None,
        groups=services.code_host.groups(owner_of(snapshot.repository), named) if named else {},
        contributions=contributions,
        owners=owners,
        trees=trees,
        credential=_age(services) if Need.CREDENTIAL in needs else None,
        protection=_protection(rules, snapshot, services) if Need.PROTECTION in needs else None,
        signatures=_signatures(snapshot, contributions.values(), services) if Need.SIGNATURES in needs else {},
        emergencies=declared_here(rules, snapshot.repository, {pull.number for pull in pull_requests}, services),
    )


def _contributions(
    mirror: Mirror, pulls: Sequence[PullRequest], base: CommitSha, about_to_land: Candidate | None
) -> dict[int, Contribution]:
    if about_to_land is None:
        return {pull.number: mirror.contribution(base, pull.head) for pull in pulls}
    places = (base, *mirror.line(after=base, until=about_to_land.commit))
    steps = steps_of(about_to_land, places)
    return {
        pull.number: mirror.contribution(base, pull.head, step=steps[pull.number])
        for pull in pulls
        if pull.number in steps
    }


def _protection(rules: Rules, snapshot: Snapshot, services: Services) -> Protection:
    return services.code_host.protection(snapshot.repository, snapshot.repository_id, rules.target)


def _signatures(
    snapshot: Snapshot, contributions: Iterable[Contribution], services: Services
) -> Mapping[CommitSha, CommitSignature]:
    """Nothing is asked of a pull request that adds more than anybody would read: its signatures stay unknown."""
    few = (each.commits for each in contributions if len(each.commits) <= MOST_COMMITS)
    commits = sorted({commit for each in few for commit in each})
    if not commits:
        return {}
    return services.code_host.signatures(snapshot.repository, snapshot.repository_id, commits)


def _age(services: Services) -> CredentialAge | None:
    found = services.credential
    return None if found is None else CredentialAge(found.fingerprint, found.age_days, found.seen_days)


def _owners(mirror: Mirror, base: CommitSha) -> OwnersFile:
    """Bytes that are no text become characters that no line of it may hold, so that it is told as unreadable."""
    for path in OWNERS_FILES:
        content = mirror.file(base, path, most=LARGEST_OWNERS_FILE)
        if content is not None:
            return OwnersFile(path, content.decode("utf-8-sig", "replace"))
    return OwnersFile(None, "")
