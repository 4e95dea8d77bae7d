"""Plans that were asked for, signatures on them, and people who may give them."""

from dataclasses import replace
from datetime import datetime, timedelta

from config.schema import Signer, SignersFile, SignOff
from tasks.domain.audit import RepositoryIdentity
from tasks.domain.frozen_plan import asked_for, plan_to_sign
from tasks.domain.model import Circumstances, Login, PullRequest
from tasks.domain.ordering import order_candidates
from tasks.domain.plan import make_plan
from tasks.domain.rules import Rules
from tasks.domain.sign_off import Bench, Checked, Judgement, Taken, demanded, document_for, judge, wrote
from tasks.domain.sign_off_records import MAIN, Asked, Given, given_of
from tests.domain import builders
from tests.domain.builders import NOON, REPOSITORY, pull_request, snapshot

ABOUT = RepositoryIdentity(id="1001", name=REPOSITORY)
LEAD = Signer(login="dave", principal="dave@example.org", roles=("platform-lead",))
SECURITY = Signer(login="erin", principal="erin@example.org", roles=("security-lead", "platform-lead"))
SIGNERS = SignersFile(people=(LEAD, SECURITY))
PLATFORM = SignOff(role="platform-lead")
ONE, TWO = pull_request(1), pull_request(2)


def rules(*sign_offs: SignOff, signers: SignersFile = SIGNERS) -> Rules:
    return replace(builders.rules(), sign_offs=sign_offs or (PLATFORM,), signers=signers)


def asked(*pulls: PullRequest, by: Rules | None = None, turn: int = 0) -> Asked:
    whole, given = pulls or (ONE, TWO), by or rules()
    there = snapshot(*whole)
    numbers = frozenset(pull.number for pull in whole)
    plan = make_plan(given, there, order_candidates(there, numbers), {})
    chosen = plan_to_sign(plan, numbers)
    assert chosen is not None
    return asked_for(chosen, MAIN, demanded(whole, len(whole), given, Circumstances()), wrote(whole), turn, given)


def signature(
    signer: Signer = LEAD, role: str = "platform-lead", *, on: Asked | None = None, at: datetime = NOON, **said: object
) -> Given:
    """`said` stands in the document in the place of what belongs there."""
    plan = on or asked()
    document = {**document_for(plan, ABOUT, "AcmeCorp", signer, role, Taken(at, 7)), **said}
    return given_of(plan.plan, document, "-----BEGIN SSH SIGNATURE-----", at)  # type: ignore[arg-type]  # as hostile as may be


def judged(
    *given: Given,
    by: Rules | None = None,
    refusal: str | None = None,
    at: datetime = NOON + timedelta(hours=1),
    contributors: frozenset[Login] = frozenset({Login("alice")}),
) -> Judgement:
    given_rules = by or rules()
    plan = asked(by=given_rules)
    bench = Bench(plan, ABOUT, plan.roles, contributors, given_rules, at)
    return judge([Checked(each, refusal) for each in given], bench)


def refusals(judgement: Judgement) -> list[str]:
    return [because for _, because in judgement.refused]
