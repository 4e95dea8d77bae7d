"""What of a change set is in one repository: whether it was refused in that very company, and what is beside it."""

from dataclasses import replace

import pytest

from config.schema import MergeMethod
from tasks.domain.audit import RepositoryIdentity
from tasks.domain.change_set_documents import change_set_document, change_sets_from
from tasks.domain.change_set_records import Announcement, Part
from tasks.domain.change_sets import ChangeSet, Member
from tasks.domain.gates import Companion, Verdict
from tasks.domain.joint_refusals import JointRefusal
from tasks.domain.land import Landed
from tasks.domain.memory import recall
from tasks.domain.model import CommitSha, Login, RepositoryName, TreeSha
from tasks.domain.reasons import Reason, ReasonCode
from tasks.domain.records import Recorder, Refused
from tasks.domain.search import Culprit
from tasks.domain.unit_documents import unit_document, unit_from
from tasks.domain.units import companions_of, unit_of, unless_refused
from tests.domain.builders import (
    BASE,
    ENVIRONMENT,
    candidate,
    gate,
    gate_result,
    pull_request,
    recorder,
    red,
    reference,
    sha,
    taken,
    tree,
)

RED = Reason(ReasonCode.GATE_FAILED, "gate contract failed", "alice")
DRAFT = Reason(ReasonCode.DRAFT, "it is a draft", "bob")
QUARANTINED = Reason(ReasonCode.QUARANTINED, "gates refused it 5 times", "alice")
HEAD = sha(2)
ONE, TWO = reference(1, "acme/api"), reference(2, "acme/web")
REFUSED = JointRefusal(frozenset({(TWO, sha(2))}), None, RED)


def pair(
    *against: Reason, head: CommitSha = HEAD, retry: str | None = None, refusal: JointRefusal = REFUSED
) -> ChangeSet:
    first = Member(ONE, sha(1), Login("alice"), (), against, None, (refusal,))
    return ChangeSet("pay-1", (first, Member(TWO, head, Login("bob"), (), (), retry)), {})


def told(change_set: ChangeSet) -> tuple[Reason, ...]:
    return unless_refused(change_set).members[0].against


def test_what_was_refused_in_this_very_company_is_refused_still() -> None:
    assert told(pair()) == (RED,)
    assert told(pair(QUARANTINED)) == (RED, QUARANTINED)


def test_another_head_or_a_wish_anywhere_in_the_set_has_it_gated_again() -> None:
    assert told(pair(head=sha(3))) == ()
    assert told(pair(retry="L1")) == ()
    assert told(pair(retry="L1", refusal=replace(REFUSED, retry="L1"))) == (RED,)


def test_what_keeps_a_member_otherwise_is_told_first() -> None:
    assert told(pair(DRAFT)) == (DRAFT,)


def test_a_set_with_refusals_and_a_unit_with_companions_are_read_as_they_were_written() -> None:
    whole = pair(retry="L1")
    companion = Companion(RepositoryName("acme/web"), "2", sha(8), tree(2))
    unit = unit_of(whole, RepositoryName("acme/api"), (companion,))

    assert change_sets_from([change_set_document(whole)]) == (whole,)
    assert unit_from(unit_document(unit)) == unit
    assert (unit.elsewhere, unit.retry) == ({TWO: sha(2)}, "L1")


def test_a_refusal_in_the_company_of_other_repositories_is_none_that_the_pull_request_bears_by_itself() -> None:
    pull, together = pull_request(1), gate().model_copy(update={"together": True})
    refused = Refused(together, gate_result(verdict=Verdict.FAILED), ENVIRONMENT, RED, beside={TWO: sha(2)})
    memory = recall([taken(recorder().gate_refused(pull, Culprit(1, (), red(1)), refused))])

    assert memory.refusal_of(pull, [together], ENVIRONMENT) == ()
    assert memory.joint_refusals_of(pull, [together], ENVIRONMENT, frozenset()) == (REFUSED,)
    assert memory.joint_refusals_of(pull, [gate()], ENVIRONMENT, frozenset()) == ()


API, WEB = (
    Part(f"team-{name}", RepositoryName(f"acme/{name}"), name, ((1, sha(1)),), BASE, at.commit, at.tree)
    for name, at in (("api", candidate(1)), ("web", candidate(2)))
)
SET = Announcement("pay-1", (API, WEB))


@pytest.mark.parametrize(
    ("head", "commit", "there"),
    [(sha(1), sha(9), tree(1, 2)), (sha(3), API.commit, API.tree)],
    ids=["landed", "not landed"],
)
def test_beside_a_part_is_what_has_landed_of_the_others_or_else_what_was_announced(
    head: CommitSha, commit: CommitSha, there: TreeSha
) -> None:
    here = Recorder("AcmeCorp", "team-api", RepositoryIdentity(id="api", name="acme/api"))
    intent = here.merge_intent(pull_request(1, head=head), candidate(1), MergeMethod.MERGE, {})
    landed = here.merge_completed(intent, Landed(1, sha(9), tree(1, 2), tree(1, 2), MergeMethod.MERGE))

    assert companions_of(SET, WEB, [landed]) == (Companion(API.repository, "api", commit, there),)
