"""Who can change what a reason says, and how: one entry for each reason code."""

from dataclasses import dataclass

from tasks.domain.reasons import ReasonCode


@dataclass(frozen=True, slots=True)
class Advice:
    """`who` acts where the reason itself names nobody; `step` is what to do next."""

    who: str
    step: str


_AUTHOR = "its author"
_LEAD = "the team's lead"
_REVIEWERS = "people who wrote no part of it"
_PLATFORM = "the platform team"
_NOBODY = "merge-hub itself"

ADVICE: dict[ReasonCode, Advice] = {
    ReasonCode.DRAFT: Advice(_AUTHOR, "mark it ready for review"),
    ReasonCode.TARGET_OTHER: Advice(_AUTHOR, "change its target branch, or merge it by other means"),
    ReasonCode.LABEL_MISSING: Advice(_AUTHOR, "set the label when it is ready"),
    ReasonCode.LABEL_EXCLUDED: Advice(_AUTHOR, "have the label removed when what it stands for is settled"),
    ReasonCode.CHANGES_REQUESTED: Advice("the reviewer", "settle what the review asks for, then approve this head"),
    ReasonCode.APPROVALS_MISSING: Advice(_REVIEWERS, "review and approve this head"),
    ReasonCode.APPROVAL_STALE: Advice("the reviewer", "look at what it changes now and approve it"),
    ReasonCode.APPROVAL_ASKED_AGAIN: Advice("the reviewer", "review it again, or withdraw the request for a review"),
    ReasonCode.APPROVAL_NOT_INDEPENDENT: Advice(_REVIEWERS, "have somebody approve it who wrote no part of it"),
    ReasonCode.APPROVER_NOT_AUTHORIZED: Advice(_LEAD, "have one of the team's approvers approve it"),
    ReasonCode.REVIEWER_MISSING: Advice("the reviewer", "review and approve this head"),
    ReasonCode.COMMITS_UNKNOWN: Advice(_AUTHOR, "split it, so that the code host lists every commit"),
    ReasonCode.POLICY_VIOLATED: Advice(_AUTHOR, "satisfy the rule, or ask its owner to change it"),
    ReasonCode.POLICY_ERROR: Advice(_PLATFORM, "let the rule be evaluated by making known what it asks for"),
    ReasonCode.CODE_OWNER_MISSING: Advice("an owner of the path", "review and approve this head"),
    ReasonCode.AUDIT_TRAIL_MISSING: Advice(_PLATFORM, "let the audit log take records, then run again"),
    ReasonCode.NO_REQUIRED_GATE: Advice(_LEAD, "require a gate in the team's file"),
    ReasonCode.DEPENDENCY_OPEN: Advice("the other's author", "land what it depends on; it follows"),
    ReasonCode.DEPENDENCY_HELD: Advice("the other's author", "land what it depends on; it follows"),
    ReasonCode.DEPENDENCY_CLOSED: Advice(_AUTHOR, "reopen the other one, or take the dependency out"),
    ReasonCode.DEPENDENCY_ROLLED_BACK: Advice(
        _AUTHOR, "depend on what brings the other back, and rebase if its commits are among these"
    ),
    ReasonCode.DEPENDENCY_UNKNOWN: Advice(_AUTHOR, "correct what it depends on in its description"),
    ReasonCode.CONFLICT_AHEAD: Advice(_AUTHOR, "rebase onto the target branch once the other has landed, and push"),
    ReasonCode.FROZEN: Advice(
        "the owner of the freeze", "wait for its end, or have its owner except the pull request or end it"
    ),
    ReasonCode.PAUSED: Advice("whoever paused it", "wait for its end, or have it resumed"),
    ReasonCode.NOT_BEFORE: Advice(_AUTHOR, "wait, or write another moment into its description"),
    ReasonCode.QUARANTINED: Advice(_AUTHOR, "find out what keeps failing, mend it, then set the label retry anew"),
    ReasonCode.SIGN_OFF_MISSING: Advice(
        "those who hold the role", "look at the plan and sign it with merge-hub sign-off; the next run goes on"
    ),
    ReasonCode.PLAN_FROZEN: Advice(
        "those who sign the other plan", "nothing to do here: once the other plan has landed or is void it is its turn"
    ),
    ReasonCode.CHANGE_SET_WAITING: Advice(
        "the other member's author", "land the whole set by settling what keeps that member, or take it out of the set"
    ),
    ReasonCode.CHANGE_SET_UNREADABLE: Advice(_AUTHOR, "write one line `Change-set: NAME` in its description"),
    ReasonCode.CHANGE_SET_TOO_LARGE: Advice(
        _LEAD, "make them fewer pull requests, or let the team land by fast-forward and in larger batches"
    ),
    ReasonCode.CHANGE_SET_REVERTED: Advice(
        _AUTHOR, "propose again what was reverted, and give all of them a new change set's name"
    ),
    ReasonCode.CHANGED_MEANWHILE: Advice(_NOBODY, "nothing to do; the next run decides"),
    ReasonCode.BASE_RED: Advice(
        "whoever may push to the target branch", "mend the branch; until then nobody is refused"
    ),
    ReasonCode.BASE_MOVING: Advice(_NOBODY, "nothing to do; the next run tries again"),
    ReasonCode.STAGE_OBSERVE: Advice(_LEAD, "raise the stage when the team is ready for it"),
    ReasonCode.STAGE_GATE: Advice(_LEAD, "raise the stage when the team is ready for it"),
    ReasonCode.GATE_FAILED: Advice(_AUTHOR, "mend it and push; to try the same head again, set the label retry"),
    ReasonCode.GATE_TIMED_OUT: Advice(
        _AUTHOR, "make it faster and push; to try the same head again, set the label retry"
    ),
    ReasonCode.INTERACTION: Advice(
        _AUTHOR, "rebase onto what has landed, mend what fails there, and push; or set the label retry"
    ),
    ReasonCode.CONFLICT_BASE: Advice(_AUTHOR, "rebase onto the target branch and push"),
    ReasonCode.DEPENDENCY_CYCLE: Advice(_AUTHOR, "take one of the dependencies out"),
    ReasonCode.PATH_FORBIDDEN: Advice(_AUTHOR, "take the path out of its commits and push"),
    ReasonCode.GATE_ERRORED: Advice(_PLATFORM, "read its log and mend where gates run; the next run tries again"),
    ReasonCode.LANDING_REJECTED: Advice(_PLATFORM, "let merge-hub write to the branch; the next run tries again"),
    ReasonCode.TREE_DIFFERS: Advice(_PLATFORM, "find out who else writes to the branch, and roll the landing back"),
    ReasonCode.ROLLED_BACK: Advice(
        _AUTHOR, "mend it and propose it anew with new commits, since those that were merged bring nothing back"
    ),
    ReasonCode.REPOSITORY_FAILED: Advice(_PLATFORM, "do what the repository's error says; the next run goes on"),
}

_UNKNOWN = Advice(_PLATFORM, "run merge-hub plan and read its reasons")
_BY_CODE = {code.value: advice for code, advice in ADVICE.items()}


def advice_on(code: str) -> Advice:
    """Advice on a code as a record holds it, which may be from another version."""
    return _BY_CODE.get(code, _UNKNOWN)
