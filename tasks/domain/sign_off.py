"""
Whether the named roles have signed this very plan.

A signature is over a document that names the plan, its members with their heads, the role and the person. It counts
while everything that it says is still so: the person has the role and a key that holds, wrote no part of the plan,
signed in no other role, and not too long ago. It is judged anew each time; that it counted once proves nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from config.schema import Signer, SignersFile, SignOff, SignOffWhen
from config.schema.patterns import matches_path
from config.schema.times import duration_of, moment_of
from tasks.domain.audit import RepositoryIdentity
from tasks.domain.checks.changes import files_unknown
from tasks.domain.circumstances import contribution_of
from tasks.domain.model import Circumstances, Contribution, Login, PullRequest
from tasks.domain.plan import member_document
from tasks.domain.reasons import Reason, ReasonCode, told_moment
from tasks.domain.rules import Rules
from tasks.domain.sign_off_records import Asked, Given

SCHEMA = "merge-hub-sign-off/1"
CLOCKS_MAY_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Checked:
    """A signature, and what OpenSSH has against it; None where it is good."""

    given: Given
    refusal: str | None


@dataclass(frozen=True, slots=True)
class Accepted:
    given: Given
    until: datetime


@dataclass(frozen=True, slots=True)
class Judgement:
    """`refused` are signatures that do not count, each with the clause that says why; `missing` are roles."""

    accepted: tuple[Accepted, ...]
    refused: tuple[tuple[Given, str], ...]
    missing: tuple[str, ...]


def demanded(pulls: Sequence[PullRequest], size: int, rules: Rules, circumstances: Circumstances) -> frozenset[str]:
    """The roles that must sign if `pulls`, of `size` that land together, land."""
    return frozenset(
        demand.role
        for demand in rules.sign_offs
        if _by_size(demand, size) or any(_by_itself(demand, pull, circumstances) for pull in pulls)
    )


def lifetime_of(role: str, rules: Rules) -> timedelta:
    """How long a signature in that role holds: the shortest that anybody asks for."""
    own = [duration_of(each.expires) for each in rules.sign_offs if each.role == role and each.expires is not None]
    return min((rules.signers or SignersFile()).lifetime, *own) if own else (rules.signers or SignersFile()).lifetime


def concerned(pulls: Iterable[PullRequest], size: int, rules: Rules, circumstances: Circumstances) -> frozenset[int]:
    """Who of `pulls`, of `size` that land together, cannot land without a signature."""
    all_of_them = any(_by_size(demand, size) for demand in rules.sign_offs)
    return frozenset(
        pull.number
        for pull in pulls
        if all_of_them or any(_by_itself(demand, pull, circumstances) for demand in rules.sign_offs)
    )


def document_for(
    asked: Asked, about: RepositoryIdentity, organization: str, signer: Signer, role: str, taken: "Taken"
) -> dict[str, JsonValue]:
    """What a person signs: all that it says is theirs to answer for."""
    return {
        "schema": SCHEMA,
        **_said_of(asked, about, organization),
        "role": role,
        "person": signer.principal,
        "login": signer.login,
        "signed_at": told_moment(taken.at.replace(microsecond=0)),
        "log": {"size": taken.log_size, "root": taken.log_root},
    }


@dataclass(frozen=True, slots=True)
class Taken:
    """When a document was made, and how far the log was then; `log_root` is None where the log has none."""

    at: datetime
    log_size: int
    log_root: str | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """
    Everything beside the signatures that they are judged by.

    `roles` must sign; `contributors` wrote part of the plan.
    """

    asked: Asked
    about: RepositoryIdentity
    roles: frozenset[str]
    contributors: frozenset[Login]
    rules: Rules
    at: datetime


def judge(checked: Sequence[Checked], bench: Bench) -> Judgement:
    """In the order of the log, so that of two roles that one person signed in the first one counts."""
    accepted: list[Accepted] = []
    refused: list[tuple[Given, str]] = []
    for each in checked:
        until = _holds_until(each.given, bench)
        because = each.refusal or _against(each.given, until, accepted, bench)
        if because is None:
            accepted.append(Accepted(each.given, until))
        else:
            refused.append((each.given, because))
    have = {each.given.role for each in accepted}
    return Judgement(tuple(accepted), tuple(refused), tuple(sorted(bench.roles - have)))


def reasons_of_signatures(asked: Asked, judgement: Judgement, rules: Rules) -> tuple[Reason, ...]:
    """One for each role that has not signed; a role that a signature was refused for says why it was."""
    return tuple(_missing(role, asked, judgement, rules) for role in judgement.missing)


def titled(role: str, rules: Rules) -> str:
    roles = (rules.signers or SignersFile()).roles
    return f"{roles[role].title} ({role})" if role in roles else role


def holders(role: str, signers: SignersFile | None) -> tuple[Signer, ...]:
    return tuple(person for person in (signers.people if signers else ()) if role in person.roles)


def why_not_sign(signer: Signer | None, role: str, bench: Bench) -> str | None:
    """What keeps a person from signing at all, before anything is signed."""
    if role not in bench.roles:
        return f"the plan needs no signature of a {role}"
    if signer is None or role not in signer.roles:
        return f"they have not the role {role} in signers.yml"
    if not signer.holds(bench.at):
        return "they are not, or not any more, a signer of signers.yml at this time"
    if signer.login.casefold() in {login.casefold() for login in bench.contributors}:
        return f"{signer.login} wrote part of the plan"
    return None


def _missing(role: str, asked: Asked, judgement: Judgement, rules: Rules) -> Reason:
    who = ", ".join(person.login for person in holders(role, rules.signers)) or None
    notes = "".join(
        f"; the signature of {given.principal} does not count: {because}"
        for given, because in judgement.refused
        if given.role == role
    )
    plan = asked.plan.removeprefix("sha256:")[:12]
    message = f"plan {plan} lacks the signature of {titled(role, rules)}{notes}"
    return Reason(ReasonCode.SIGN_OFF_MISSING, message, who)


def _against(given: Given, until: datetime, accepted: Sequence[Accepted], bench: Bench) -> str | None:
    signer = _signer(given, bench.rules)
    if (forbidden := why_not_sign(signer, given.role, bench)) is not None:
        return forbidden
    if differing := _differing(given, bench):
        return f"it is over another {differing}"
    earlier = next((each.given.role for each in accepted if each.given.principal == given.principal), given.role)
    if earlier != given.role:
        return f"they signed this plan as {earlier} already"
    return _against_its_time(given, signer, until, bench.at)


def _against_its_time(given: Given, signer: Signer | None, until: datetime, at: datetime) -> str | None:
    if signer is not None and not signer.holds(_signed_at(given)):
        return "they were no signer of signers.yml when they signed"
    if _signed_at(given) > given.taken_at + CLOCKS_MAY_DIFFER:
        return "it bears a time that had not come when it was recorded"
    if until <= at:
        return f"it expired at {told_moment(until)}"
    return None


def _differing(given: Given, bench: Bench) -> str:
    """What the signed document says other than what is so; empty where it says nothing else."""
    expected: dict[str, JsonValue] = {
        "schema": SCHEMA,
        **_said_of(bench.asked, bench.about, bench.rules.organization),
        "role": given.role,
        "person": given.principal,
        "login": given.login,
    }
    # A repository may be renamed while people look at a plan: its id is what counts.
    names = [name for name in expected if name != "repository" and given.document.get(name) != expected[name]]
    names += sorted(given.document.keys() - expected.keys() - {"signed_at", "log"})
    return ", ".join(names)


def _said_of(asked: Asked, about: RepositoryIdentity, organization: str) -> dict[str, JsonValue]:
    return {
        "organization": organization,
        "repository": about.name,
        "repository_id": about.id,
        "target": asked.target,
        "plan": asked.plan,
        "turn": asked.turn,
        "members": [member_document(member) for member in asked.members],
    }


def _signer(given: Given, rules: Rules) -> Signer | None:
    people = rules.signers.people if rules.signers else ()
    found = (each for each in people if (each.principal, each.login) == (given.principal, given.login))
    return next(found, None)


def _signed_at(given: Given) -> datetime:
    """As the document says; one that says nothing of it was signed at no time that ever was."""
    found = moment_of(str(given.document.get("signed_at")))
    return given.taken_at - timedelta(days=36_500) if found is None else found


def _holds_until(given: Given, bench: Bench) -> datetime:
    return min(_signed_at(given), given.taken_at) + lifetime_of(given.role, bench.rules)


def _by_itself(demand: SignOff, pull: PullRequest, circumstances: Circumstances) -> bool:
    when = demand.when
    if when is None:
        return True
    labels = {label.casefold() for label in pull.labels}
    named = any(label.casefold() in labels for label in when.labels)
    return named or _by_path(when, contribution_of(pull, circumstances))


def _by_path(when: SignOffWhen, contribution: Contribution | None) -> bool:
    """Where it is not known what is changed, that may be anything."""
    if not when.paths:
        return False
    if contribution is None or files_unknown(contribution) is not None:
        return True
    return any(matches_path(pattern, path) for path in contribution.paths for pattern in when.paths)


def _by_size(demand: SignOff, size: int) -> bool:
    when = demand.when
    return when is not None and when.batch_size is not None and size >= when.batch_size


def wrote(pulls: Collection[PullRequest]) -> frozenset[Login]:
    return frozenset().union(*(pull.contributors for pull in pulls))
