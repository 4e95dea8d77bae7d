"""
Have the owners of what is changed approved, each group of them?

Who owns what is for the target branch to say, never for the pull request. Of the owners of one line any one suffices;
a team is who is in it now. An owner whom nobody can find out is an error where no other of the same line approved.
"""

from collections.abc import Mapping

from config.schema import CodeOwnersParameters
from tasks.domain.approvals import Approvals, short
from tasks.domain.checks.changes import files_unknown
from tasks.domain.checks.judgement import InError, Judgement, Satisfied, Violated, in_error, listed, violated
from tasks.domain.checks.people import unlisted_commits
from tasks.domain.dependencies import printable
from tasks.domain.model import Contribution, Login, OwnersFile, PullRequest
from tasks.domain.owners import OwnedPattern, Owners, read_owners
from tasks.domain.reasons import Reason, ReasonCode

_KEEPER = "whoever keeps CODEOWNERS"


def check_code_owners(
    parameters: CodeOwnersParameters,
    pull: PullRequest,
    approvals: Approvals,
    contribution: Contribution | None,
    owners_file: OwnersFile | None,
    groups: Mapping[str, frozenset[Login]],
) -> Judgement:
    unknown = files_unknown(contribution)
    if contribution is None or unknown is not None:
        return in_error(unknown or "", pull.author)
    owners = _readable(owners_file)
    if not isinstance(owners, Owners):
        return owners
    owned = {path: owners.of(path) for path in contribution.paths}
    free = [path for path, found in owned.items() if found is None or not found.owners]
    if parameters.every_path_owned and free:
        told = listed([printable(path) for path in free])
        return violated(f"every path is to have an owner, and {told} has none", _KEEPER)
    wanted = {found.line: found for found in owned.values() if found is not None and found.owners}
    missing = [found for _, found in sorted(wanted.items()) if not _approved(found, approvals, groups)]
    return _told(missing, len(wanted), pull, groups)


def _readable(owners_file: OwnersFile | None) -> Owners | Judgement:
    if owners_file is None:
        return in_error("CODEOWNERS of the target branch is to be read, and could not be", _KEEPER)
    if owners_file.path is None:
        return violated("the target branch is to have a file CODEOWNERS, and has none", _KEEPER)
    owners = read_owners(owners_file.text)
    if owners.unreadable:
        lines = listed([str(number) for number in owners.unreadable])
        return in_error(f"all of {owners_file.path} is to be read, and line {lines} cannot be", _KEEPER)
    return owners


def _approved(pattern: OwnedPattern, approvals: Approvals, groups: Mapping[str, frozenset[Login]]) -> bool:
    able = (_people(owner, groups) or frozenset() for owner in pattern.owners)
    return any(people & approvals.approvers for people in able)


def _people(owner: str, groups: Mapping[str, frozenset[Login]]) -> frozenset[Login] | None:
    """None where nobody can say who that is: a team that is not there or has nobody in it, or an address."""
    if not owner.startswith("@"):
        return None
    if "/" in owner:
        return groups.get(owner[1:]) or None
    return frozenset({Login(owner[1:].casefold())})


def _told(
    missing: list[OwnedPattern], groups_of_owners: int, pull: PullRequest, groups: Mapping[str, frozenset[Login]]
) -> Judgement:
    if not missing:
        if groups_of_owners and (unknown := unlisted_commits(pull)):
            return InError(unknown[0].message, unknown)
        return Satisfied(f"{groups_of_owners} of {groups_of_owners} groups of code owners approved {short(pull.head)}")
    nobody = sorted({owner for each in missing for owner in each.owners if _people(owner, groups) is None})
    if nobody:
        found = f"an owner of what it changes is to approve, and nobody can tell who {listed(nobody)} is"
        return InError(found, (Reason(ReasonCode.POLICY_ERROR, found, _KEEPER),))
    reasons = tuple(
        Reason(
            ReasonCode.CODE_OWNER_MISSING,
            f"{printable(each.pattern)} is owned by {listed(each.owners)}, of whom nobody approved {short(pull.head)}",
            listed(each.owners),
        )
        for each in missing
    )
    done = groups_of_owners - len(missing)
    return Violated(f"{done} of {groups_of_owners} groups of code owners approved {short(pull.head)}", reasons)
