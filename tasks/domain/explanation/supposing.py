"""What would be told of a pull request if something were otherwise: nothing is written, and no code host is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from pydantic import JsonValue

from config.schema import PolicyFile
from tasks.domain.checks.judgement import Satisfied, Waived
from tasks.domain.compliance import evaluate_before_gates
from tasks.domain.discovery import reasons_against
from tasks.domain.explanation.answer import conditions
from tasks.domain.facts import Facts, rules_of
from tasks.domain.model import Login, PullRequest, Review, ReviewState
from tasks.domain.reasons import Reason, told_moment

Json = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Supposition:
    """`policies` None: those that it was judged by."""

    approvals: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    policies: tuple[PolicyFile, ...] | None = None

    def document(self) -> dict[str, JsonValue] | None:
        """None where nothing is otherwise."""
        if not self.approvals and not self.labels and self.policies is None:
            return None
        return {
            "approvals": list(self.approvals),
            "labels": list(self.labels),
            "policies": self.policies is not None,
        }


def supposing(
    found: Json, pull: PullRequest, facts: Facts, policies: Sequence[PolicyFile], supposition: Supposition
) -> dict[str, JsonValue]:
    """
    `found` with what the team's scope and the policies say then, and with all that they find satisfied.

    What else keeps it (a dependency, a freeze, a gate) stays as it was found: nothing here can tell of that.
    """
    other = _changed(pull, supposition)
    judged_by = rules_of(facts.demands, tuple(policies))
    judging = rules_of(facts.demands, tuple(policies if supposition.policies is None else supposition.policies))
    earlier = reasons_against(pull, judged_by, facts.circumstances)
    now = reasons_against(other, judging, facts.circumstances)
    told = found["unmet"]
    unmet = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    elsewhere = [each for each in unmet if not _among(each, earlier)]
    report = evaluate_before_gates(other, judging, facts.circumstances)
    return {
        **found,
        "unmet": list(conditions([*elsewhere, *(_told(reason, unmet) for reason in now)])),
        "met": [
            {"rule": finding.rule, "title": finding.title, "because": finding.because}
            for finding in report.findings
            if isinstance(finding.judgement, Satisfied | Waived)
        ],
        "assumed": supposition.document(),
    }


def _changed(pull: PullRequest, supposition: Supposition) -> PullRequest:
    """Everybody who is supposed to approve may write there and approves this very head, after all other reviews."""
    known = [review.submitted_at for review in pull.reviews if review.submitted_at is not None]
    moment = max([pull.created_at, pull.target_since, *known]) + timedelta(seconds=1)
    given = tuple(
        Review(
            identifier=f"supposed-{position}",
            reviewer=Login(login.casefold()),
            by_bot=False,
            by_hub=False,
            may_write=True,
            state=ReviewState.APPROVED,
            commit=pull.head,
            submitted_at=moment,
        )
        for position, login in enumerate(supposition.approvals)
    )
    names = {review.reviewer for review in given}
    return replace(
        pull,
        labels=pull.labels | frozenset(supposition.labels),
        reviews=(*(review for review in pull.reviews if review.reviewer not in names), *given),
        asked=tuple(each for each in pull.asked if each.name.casefold() not in names),
    )


def _among(condition: Json, reasons: Sequence[Reason]) -> bool:
    return any((reason.code.value, reason.message) == (condition["code"], condition["message"]) for reason in reasons)


def _told(reason: Reason, unmet: Sequence[Json]) -> dict[str, JsonValue]:
    since = next((each["since"] for each in unmet if each["code"] == reason.code.value), None)
    until = None if reason.until is None else told_moment(reason.until)
    code = reason.code.value
    return {"code": code, "message": reason.message, "actor": reason.actor, "since": since, "until": until}
