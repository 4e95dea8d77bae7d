"""Which plans wait for whom, and what a person who wants to sign one is told."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from config.schema import Configuration, Signer, Stage
from tasks.domain.audit import Event, EventType, RepositoryIdentity
from tasks.domain.canonical import canonical_json
from tasks.domain.errors import MergeHubError
from tasks.domain.frozen_plan import is_done
from tasks.domain.memory import recall
from tasks.domain.model import RepositoryName
from tasks.domain.reasons import told_moment
from tasks.domain.rules import Rules, rules_for
from tasks.domain.sign_off import Judgement, holders, titled
from tasks.domain.sign_off_records import SIGN_OFF_EVENTS, Asked, Given, parse_given

NEEDED = SIGN_OFF_EVENTS | {EventType.MERGE_INTENT, EventType.MERGE_COMPLETED, EventType.ROLLBACK_COMPLETED}
LEAST_PREFIX = 4
LONGEST_SIGNATURE = 40_000


class UnknownPlan(LookupError):
    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


class SignOffRefused(MergeHubError):
    """A person may not sign this, or not so."""

    code = "sign-off-refused"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants to sign, as what; `key` and `person` None: that is found out."""

    plan: str
    role: str
    key: str | None = None
    person: str | None = None


@dataclass(frozen=True, slots=True)
class WaitingPlan:
    """A plan that waits in a repository, and the signatures on it as they were recorded."""

    asked: Asked
    about: RepositoryIdentity
    team: str
    rules: Rules
    given: tuple[Given, ...]


def waiting_plans(events: Iterable[Event], configuration: Configuration) -> tuple[WaitingPlan, ...]:
    """In the order in which people were asked. Of teams that are not configured any more nothing lands."""
    by_repository: dict[str, list[Event]] = {}
    for event in events:
        if event.repository is not None:
            by_repository.setdefault(event.repository.id, []).append(event)
    found = (each for known in by_repository.values() for each in _waiting_in(known, configuration))
    return tuple(sorted(found, key=lambda each: (each.asked.since, each.asked.plan)))


def _waiting_in(events: Sequence[Event], configuration: Configuration) -> Iterable[WaitingPlan]:
    memory = recall(events)
    by_id = {event.id: event for event in events}
    given = [parse_given(event) for event in events if event.type is EventType.SIGNATURE_GIVEN]
    for asked in memory.sign_offs.asked.values():
        event = by_id[asked.event]
        about, team = event.repository, event.team
        if about is None or team not in configuration.team_names:
            continue
        if not is_done(asked, lambda number, head: (number, head) in memory.landed):
            rules = rules_for(configuration, team, RepositoryName(about.name), Stage.MERGE)
            own = tuple(each for each in given if each.plan == asked.plan)
            yield WaitingPlan(asked, about, team, rules, own)


def plan_named(text: str, plans: Sequence[WaitingPlan]) -> WaitingPlan:
    """`text` is a digest or the beginning of one; raises UnknownPlan where it names none or several."""
    wanted = text.strip().lower().removeprefix("sha256:")
    found = [each for each in plans if each.asked.plan.removeprefix("sha256:").startswith(wanted)]
    if len(wanted) < LEAST_PREFIX or len(found) > 1:
        remedy = "Give more of its digest; `merge-hub sign-off list` shows what waits."
        raise UnknownPlan(f"{text!r} may mean more than one plan", remedy)
    if not found:
        remedy = "`merge-hub sign-off list` shows what waits; a plan of which a member moved or left is void."
        raise UnknownPlan(f"no plan that waits for signatures begins with {text!r}", remedy)
    return found[0]


def plan_row(waiting: WaitingPlan, judgement: Judgement) -> dict[str, JsonValue]:
    """As `merge-hub sign-off list --json` shows it."""
    asked, signers = waiting.asked, waiting.rules.signers
    accepted = {each.given.role: each for each in judgement.accepted}
    untils = [each.until for each in judgement.accepted]
    roles = sorted({*judgement.missing, *accepted})
    return {
        "plan": asked.plan,
        "team": waiting.team,
        "repository": waiting.about.name,
        "change_set": asked.change_set or None,
        "target": asked.target,
        "pull_requests": [{"number": member.number, "head": member.head} for member in asked.members],
        "since": told_moment(asked.since),
        "until": told_moment(min(untils)) if untils else None,
        "roles": [
            {
                "role": role,
                "title": titled(role, waiting.rules),
                "who": [person.login for person in holders(role, signers)],
                "signed_by": accepted[role].given.principal if role in accepted else None,
                "until": told_moment(accepted[role].until) if role in accepted else None,
                "refused": [
                    {"person": given.principal, "because": because}
                    for given, because in judgement.refused
                    if given.role == role
                ],
            }
            for role in roles
        ],
    }


def signer_with(public: str, person: str | None, role: str, configuration: Configuration) -> Signer | None:
    """Whose key it is; of several principals with one key the one that is named, or who has the role."""
    keys = configuration.allowed_signers.keys
    principals = {name for key in keys if key.key == public for name in key.principals}
    people = [each for each in _people(configuration) if each.principal in principals]
    if person is not None:
        return next((each for each in people if person in {each.principal, each.login}), None)
    return next((each for each in people if role in each.roles), people[0] if people else None)


def _people(configuration: Configuration) -> tuple[Signer, ...]:
    return configuration.signers.people if configuration.signers else ()


def given_in(text: str) -> tuple[dict[str, JsonValue], str]:
    """The document and the signature of what a person pasted into a form; raises SignOffRefused."""
    try:
        found = json.loads(text) if len(text) <= LONGEST_SIGNATURE else None
        canonical_json(found)
    except (ValueError, RecursionError):
        found = None
    document = found.get("document") if isinstance(found, dict) else None
    signature = found.get("signature") if isinstance(found, dict) else None
    if not isinstance(document, dict) or not isinstance(signature, str):
        remedy = "Paste all that `merge-hub sign-off PLAN --role ROLE --for-form` printed."
        raise SignOffRefused("that is no signature of a plan", remedy=remedy)
    return document, signature
