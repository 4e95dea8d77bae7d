"""A run over many repositories: what it is to do, and the document that says what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from config.errors import UnknownTeam
from config.schema import Configuration
from tasks.domain.model import RepositoryName
from tasks.domain.reasons import Outcome, ReasonCode

Result = dict[str, JsonValue]
"""One repository's part of the document, as `tasks.domain.result` makes it."""

EVERY_TEAM = "all"


@dataclass(frozen=True, slots=True, order=True)
class Assignment:
    team: str
    repository: RepositoryName


class UnknownRepository(LookupError):
    """A repository was asked for that no chosen team owns."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"no chosen team owns a repository called {name!r}")
        self.name = name
        self.remedy = f"choose one of {', '.join(known)}"


class RunIncomplete(Exception):
    """Something failed; `document` says what came of the rest."""

    def __init__(self, document: dict[str, JsonValue], problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.document = document
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[object, ...]:
        return (RunIncomplete, (self.document, self.problems))


def assignments(configuration: Configuration, team: str, repository: str | None) -> tuple[Assignment, ...]:
    """Every repository of the chosen teams, or the one that is named; raises UnknownTeam or UnknownRepository."""
    if team != EVERY_TEAM and team not in configuration.team_names:
        raise UnknownTeam(team, (EVERY_TEAM, *configuration.team_names))
    chosen = [each for each in configuration.teams if team in {EVERY_TEAM, each.name}]
    every = [
        Assignment(each.name, RepositoryName(owned)) for each in chosen for owned in configuration.repositories_of(each)
    ]
    if repository is None:
        return tuple(every)
    named = [each for each in every if each.repository.casefold() == repository.casefold()]
    if not named:
        raise UnknownRepository(repository, [each.repository for each in every])
    return tuple(named)


def joined(earlier: Result, later: Result) -> Result:
    """One repository's two rounds as one: what the later round found of a pull request is what became of it."""
    latest = {pull["number"]: pull for pull in _pull_requests(later)}
    first = [latest.pop(pull["number"], pull) for pull in _pull_requests(earlier)]
    return {
        **later,
        "base_before": earlier["base_before"],
        "base_after": later["base_after"] or earlier["base_after"],
        "plan_digest": earlier["plan_digest"],
        "gate_runs": [*_list(earlier["gate_runs"]), *_list(later["gate_runs"])],
        "searches": [*_list(earlier["searches"]), *_list(later["searches"])],
        "pull_requests": [*first, *latest.values()],
    }


def joined_pass(earlier: Result, later: Result) -> Result:
    """`later` is about some of its pull requests only: what else was found of the repository stays."""
    both = joined(earlier, later)
    return {**earlier, **{key: both[key] for key in earlier if key != "change_sets"}}


def to_run_again(results: Mapping[Assignment, Result], latest: Mapping[Assignment, Result]) -> tuple[Assignment, ...]:
    """The repositories in which something waits for another repository, if the latest round landed anything."""
    if not any(_landed_something(result) for result in latest.values()):
        return ()
    return tuple(assignment for assignment, result in results.items() if _waits_for_another(result))


def run_document(
    run_id: str,
    stage: str,
    configuration: str,
    times: tuple[datetime, datetime],
    audit: Mapping[str, JsonValue],
    results: Mapping[Assignment, Result],
) -> dict[str, JsonValue]:
    """
    The public contract of `merge-hub run --json`; teams by name, repositories as configured.

    `configuration` is the digest of what the run was judged by, `times` are its beginning and its end.
    """
    teams = sorted({assignment.team for assignment in results})
    started, finished = (moment.isoformat(timespec="milliseconds").replace("+00:00", "Z") for moment in times)
    return {
        "run_id": run_id,
        "stage": stage,
        "configuration": configuration,
        "started_at": started,
        "finished_at": finished,
        "audit": dict(audit),
        "teams": [
            {"team": team, "repositories": [result for each, result in results.items() if each.team == team]}
            for team in teams
        ],
    }


def problems_of(results: Mapping[Assignment, Result]) -> tuple[str, ...]:
    """What the world failed at: whole repositories with the remedy, and pull requests that failed in the others."""
    problems = []
    for assignment, result in results.items():
        error = result["error"]
        if isinstance(error, dict):
            problems.append(f"{assignment.repository}: {with_remedy(error)}")
        if failed := [str(pull["number"]) for pull in _pull_requests(result) if _failed_itself(pull)]:
            problems.append(f"{assignment.repository}: failed #{', #'.join(failed)}")
    return tuple(problems)


def _failed_itself(pull: Mapping[str, JsonValue]) -> bool:
    """Not for its whole repository, which is told once."""
    codes = {reason["code"] for reason in dicts_in(pull["reasons"])}
    return pull["outcome"] == Outcome.FAILED.value and codes != {ReasonCode.REPOSITORY_FAILED.value}


def _waits_for_another(result: Result) -> bool:
    reasons = (reason for pull in _pull_requests(result) for reason in dicts_in(pull["reasons"]))
    return any(reason["code"] == ReasonCode.DEPENDENCY_OPEN.value for reason in reasons)


def _landed_something(result: Result) -> bool:
    """What landed earlier and is still shown as open is told as merged again: the base must have moved as well."""
    merged = any(pull["outcome"] == Outcome.MERGED.value for pull in _pull_requests(result))
    return merged and result["base_before"] != result["base_after"]


def _list(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _pull_requests(result: Result) -> list[dict[str, JsonValue]]:
    return dicts_in(result["pull_requests"])


def with_remedy(error: Mapping[str, JsonValue]) -> str:
    """What a repository failed at, and what to do; some messages are sentences, others clauses."""
    return f"{str(error['message']).rstrip('.')}. {error['remedy']}"


def dicts_in(value: JsonValue) -> list[dict[str, JsonValue]]:
    """The mappings of a list; none where it is no list."""
    return [each for each in _list(value) if isinstance(each, dict)]
