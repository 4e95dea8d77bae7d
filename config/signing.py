"""Whether what the files say about signatures can be fulfilled: each role asked for has somebody with a key."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from config.errors import Problem
from config.schema import MISSION_ROLES, GlobalFile, Signer, SignersFile, SignOff, TeamFile
from config.schema.allowed_signers import AllowedSigners
from config.validation import Source
from config.wording import likely
from config.yaml12 import KeyPath

Asking = Source[GlobalFile] | Source[TeamFile]


def disagreements_about_signing(
    global_: Source[GlobalFile] | None,
    teams: Sequence[Source[TeamFile]],
    signers: Source[SignersFile] | None,
    keys: AllowedSigners | None,
    *,
    complete: bool,
) -> Iterator[Problem]:
    """Where not all files could be read (they are not `complete`), nothing is called missing."""
    if not complete:
        return
    for source, path, demand in _demands(global_, teams):
        yield from _unfulfilled(source, path, demand, signers)
    if signers is not None:
        yield from _without_a_key(signers, keys or AllowedSigners())


def _demands(
    global_: Source[GlobalFile] | None, teams: Sequence[Source[TeamFile]]
) -> Iterator[tuple[Asking, KeyPath, SignOff]]:
    for position, demand in enumerate(global_.model.sign_off if global_ else ()):
        if global_:
            yield global_, ("sign_off", position), demand
    for team in teams:
        for position, demand in enumerate(team.model.policies.sign_off):
            yield team, ("policies", "sign_off", position), demand


def _unfulfilled(
    source: Asking, path: KeyPath, demand: SignOff, signers: Source[SignersFile] | None
) -> Iterator[Problem]:
    roles = MISSION_ROLES if signers is None else signers.model.roles
    if demand.role not in roles:
        message = f"is `{demand.role}`, a role that there is not"
        yield source.problem((*path, "role"), message, likely(demand.role, sorted(roles)))
    elif signers is None or not any(demand.role in person.roles for person in signers.model.people):
        message = f"asks for the signature of a {demand.role}, and nobody has that role: nothing could land"
        yield source.problem((*path, "role"), message, "name who has it under `people` in signers.yml")


def idle_demands(
    global_: Source[GlobalFile] | None,
    teams: Sequence[Source[TeamFile]],
    signers: Source[SignersFile] | None,
    keys: AllowedSigners | None,
    at: datetime,
) -> Iterator[Problem]:
    """Of those that somebody could fulfil once, whom nobody can at `at`: their time is over, or that of their keys."""
    people = () if signers is None else signers.model.people
    for source, path, demand in _demands(global_, teams):
        holders = [person for person in people if demand.role in person.roles]
        if holders and not any(_can_sign(person, keys or AllowedSigners(), at) for person in holders):
            names = ", ".join(sorted(person.login for person in holders))
            message = f"asks for the signature of a {demand.role}, and nobody can sign now ({names}): nothing can land"
            remedy = "see their `from` and `until`, and the valid-before of their keys"
            yield source.problem((*path, "role"), message, remedy)


def _can_sign(person: Signer, keys: AllowedSigners, at: datetime) -> bool:
    own = [key.before for key in keys.keys_of(person.principal)]
    key_holds = any(end is None or (at if end.tzinfo else at.astimezone().replace(tzinfo=None)) < end for end in own)
    return key_holds and person.holds(at)


def _without_a_key(signers: Source[SignersFile], keys: AllowedSigners) -> Iterator[Problem]:
    holders: dict[str, str] = {}
    for position, person in enumerate(signers.model.people):
        path = ("people", position, "principal")
        own = keys.keys_of(person.principal)
        if not own:
            message = f"is `{person.principal}`, of whom there is no key in allowed_signers"
            yield signers.problem(path, message, "add a line for the person's public key there")
        for each in own:
            other = holders.setdefault(each.key, person.principal)
            if other != person.principal:
                message = f"has a key that is {other}'s as well (line {each.line} of allowed_signers)"
                yield signers.problem(path, message, "give each person a key of their own")
