"""
What a decision by policies was made of, kept so that anybody can judge it again.

No time but the day is in it, and nothing that two readings of the same facts may tell differently, so that the same
facts are the same bytes. Nor is what was said in reviews. What is read back and lacks something is not readable:
nothing is guessed.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from enum import Enum

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from config.schema import (
    Emergency,
    Filters,
    Gate,
    Landing,
    MergeMethod,
    PolicyFile,
    Queue,
    Stage,
    Waiver,
    digest_of_rules,
)
from config.schema.team_rules import policies_of
from tasks.domain.canonical import canonical_json, digest_of
from tasks.domain.checks.gating import Proof
from tasks.domain.gates import Evaluation
from tasks.domain.model import Circumstances, CommitSha, Digest, Login, Mergeability, PullRequest, RepositoryName
from tasks.domain.reasons import told_moment
from tasks.domain.rules import Rules

MEDIA_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Demands:
    """What the team's own files demanded at that time, beside the policies."""

    team: str
    repository: RepositoryName
    target: str
    filters: Filters
    gates: tuple[Gate, ...]
    approvers: frozenset[Login] | None
    waivers: tuple[Waiver, ...] = ()
    emergency: Emergency | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Of all that were judged together; `proof` is None where that was before anything was gated."""

    pull_requests: tuple[PullRequest, ...]
    demands: Demands
    circumstances: Circumstances
    proof: Proof | None

    def pull_request(self, number: int, head: CommitSha) -> PullRequest | None:
        return next((pull for pull in self.pull_requests if (pull.number, pull.head) == (number, head)), None)


class UnreadableFacts(ValueError):
    """They were written by another version, or are no facts."""


def facts_of(pulls: Iterable[PullRequest], rules: Rules, circumstances: Circumstances, proof: Proof | None) -> Facts:
    demands = Demands(
        team=rules.team,
        repository=rules.repository,
        target=rules.target,
        filters=rules.filters,
        gates=rules.gates,
        approvers=rules.approvers,
        waivers=rules.waivers,
        emergency=rules.emergency,
    )
    return Facts(
        tuple(map(_judged_alone, pulls)),
        demands,
        circumstances,
        None if proof is None else replace(proof, evaluation=_verdicts_alone(proof.evaluation)),
    )


def written(facts: Facts) -> bytes:
    return canonical_json(_plain(facts))


def digest_of_facts(pull_request: PullRequest) -> Digest:
    """Of what is judged of it, so that a decision on other facts is another decision."""
    return digest_of(canonical_json(_plain(_judged_alone(pull_request))))


def read_facts(content: bytes) -> Facts:
    """Raises UnreadableFacts."""
    try:
        return _FACTS.validate_python(json.loads(content))
    except (ValidationError, ValueError) as error:
        raise UnreadableFacts("the facts that were kept cannot be read by this version") from error


def rules_of(demands: Demands, policies: tuple[PolicyFile, ...]) -> Rules:
    """The rules that `policies` make of those demands; how something lands is not in them, and no policy asks it."""
    policies = policies_of(policies, demands.team)
    return Rules(
        organization="",
        login="",
        team=demands.team,
        repository=demands.repository,
        target=demands.target,
        filters=demands.filters,
        gates=demands.gates,
        batch_cap=1,
        landing=Landing.FAST_FORWARD,
        method=MergeMethod.MERGE,
        stage=Stage.OBSERVE,
        policies=policies,
        policy_digest=digest_of_rules(policies),
        configuration_digest="",
        approvers=demands.approvers,
        audited=True,
        queue=Queue(),
        freezes=(),
        waivers=demands.waivers,
        emergency=demands.emergency,
    )


def _judged_alone(pull_request: PullRequest) -> PullRequest:
    """Without what policies do not judge: where it is shown, what others reported, what people wish."""
    return replace(pull_request, url="", statuses=(), mergeability=Mergeability.UNKNOWN, retry_requested=None)


def _verdicts_alone(evaluation: Evaluation) -> Evaluation:
    """A gate that is run once more takes another time and may print other things, and says the same."""
    results = tuple(
        replace(result, exit_code=None, seconds=0.0, log=None, cached=False) for result in evaluation.results
    )
    return Evaluation(evaluation.candidate, results)


def _plain(value: object) -> JsonValue:  # noqa: PLR0911 -- a line for each kind of value
    match value:
        case BaseModel():
            return dict(value.model_dump(mode="json", by_alias=True, exclude_defaults=True))
        case Enum():
            return str(value.value)
        case datetime():
            return told_moment(value)
        case float():
            return int(value)
        case None | bool() | int() | str():
            return value
        case frozenset():
            return sorted((_plain(each) for each in value), key=canonical_json)
        case tuple():
            return [_plain(each) for each in value]
        case Mapping():
            return {str(key): _plain(each) for key, each in sorted(value.items())}
        case _ if is_dataclass(value):
            return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        case _:
            raise TypeError(f"a {type(value).__name__} is no fact")


_FACTS = TypeAdapter(Facts)
