"""Does each commit that a pull request adds bear a signature that the code host verified?"""

from collections.abc import Mapping

from config.schema import SignedCommitsParameters
from tasks.domain.checks.judgement import InError, Judgement, Satisfied, Violated, in_error, listed
from tasks.domain.dependencies import printable
from tasks.domain.model import CommitSha, Contribution, PullRequest
from tasks.domain.protection import CommitSignature
from tasks.domain.reasons import Reason, ReasonCode

_UNSETTLED = frozenset({"gpgverify_error", "gpgverify_unavailable", "ocsp_error", "ocsp_pending"})
"""The code host could not find out, so that nobody knows whether the signature is good."""


def check_signed_commits(
    parameters: SignedCommitsParameters,
    pull: PullRequest,
    contribution: Contribution | None,
    signatures: Mapping[CommitSha, CommitSignature],
) -> Judgement:
    """Whatever git says it adds, be it more than the code host lists."""
    if contribution is None or not contribution.commits:
        return in_error("the commits that it adds are to be known, and none is", pull.author)
    unknown, unfit = list[str](), list[str]()
    for commit in contribution.commits:
        found = signatures.get(commit)
        if found is None or found.state in _UNSETTLED:
            unknown.append(f"{commit[:7]} ({'not told' if found is None else found.state})")
        elif (why := _unfit(found, parameters)) is not None:
            unfit.append(f"{commit[:7]} ({why})")
    count, signer = len(contribution.commits), _whose(parameters)
    expected = f"each of the {count} commits that it adds is to bear a verified signature{signer}"
    bad = Reason(ReasonCode.POLICY_VIOLATED, f"{expected}, unlike {listed(unfit)}", pull.author)
    if unknown:
        open_ = Reason(ReasonCode.POLICY_ERROR, f"{expected}, which is unknown of {listed(unknown)}", "the code host")
        return InError(open_.message, (open_, bad) if unfit else (open_,))
    if unfit:
        return Violated(bad.message, (bad,))
    return Satisfied(f"{count} of {count} commits that it adds bear a verified signature{signer}")


def _unfit(found: CommitSignature, parameters: SignedCommitsParameters) -> str | None:
    if not found.verified:
        return found.state
    if found.by_host and not parameters.by_host:
        return "signed by the code host itself"
    wanted = {login.casefold() for login in parameters.signers}
    if wanted and (found.signer is None or found.signer.casefold() not in wanted):
        return f"signed by {'nobody known' if found.signer is None else printable(found.signer)}"
    return None


def _whose(parameters: SignedCommitsParameters) -> str:
    return f" of {' or '.join(parameters.signers)}" if parameters.signers else ""
