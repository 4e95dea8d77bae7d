"""The one way from a repository's rules and snapshot to somebody who can make records about it."""

from tasks.domain.audit import RepositoryIdentity
from tasks.domain.model import Snapshot
from tasks.domain.records import Recorder
from tasks.domain.rules import Rules


def recorder_for(rules: Rules, snapshot: Snapshot) -> Recorder:
    about = RepositoryIdentity(id=snapshot.repository_id, name=snapshot.repository)
    return Recorder(rules.organization, rules.team, about, rules.policy_digest)
