"""What the last run's own answer does not tell: the past, from the audit log, and what would be if."""

import json
import os
from pathlib import Path
from typing import Any

from config.loader import load, load_policies
from config.schema import PolicyFile
from config.settings import read_settings
from flows.explaining_question import Question
from flows.terminal import told
from flows.usage import UnusableRequest
from tasks.domain.dependencies import printable
from tasks.domain.errors import MergeHubError
from tasks.domain.explanation.answer import State, answer, blank
from tasks.domain.explanation.history import TOLD, answer_from, history_of
from tasks.domain.explanation.supposing import Supposition, supposing
from tasks.domain.facts import UnreadableFacts, read_facts
from tasks.domain.model import CommitSha, Digest
from tasks.domain.run import EVERY_TEAM, assignments
from tasks.evidence import load_by_digest
from tasks.explaining import UnreadableAnswers, kept_answers, kept_facts

Json = dict[str, Any]


def explained(question: Question, *, as_json: bool) -> Json:
    """Bad usage and what the world fails at leave it as every command's do."""
    with told(as_json=as_json):
        return _explained(question)


def _explained(question: Question) -> Json:
    if question.number is None:
        raise UnusableRequest(f"{printable(question.pull_request, 60)!r} names no pull request", "write `OWNER/NAME#N`")
    settings = read_settings(os.environ)
    configuration = load(settings.config_directory)
    (assignment,) = assignments(configuration, EVERY_TEAM, question.repository)
    repository, home = assignment.repository, settings.home.absolute()
    kept, unreadable = None, None
    try:
        kept = kept_answers(home, repository)
    except UnreadableAnswers as error:
        unreadable = str(error)
    found = None if kept is None else answer(kept, question.number)
    if kept is None or found is None:
        return _from_the_log(repository, question.number, unreadable)
    return _supposed(found, kept, home, question) if question.goes_further else found


def _supposed(found: Json, kept: Json, home: Path, question: Question) -> Json:
    policies = None if question.policies is None else load_policies(question.policies)
    supposition = Supposition(question.approvals, question.labels, policies)
    try:
        facts = read_facts(kept_facts(home, found["repository"]))
    except (UnreadableAnswers, UnreadableFacts) as error:
        raise UnusableRequest(str(error), "let a run judge it first: `merge-hub plan`") from error
    pull = facts.pull_request(found["pull_request"], CommitSha(found["head"]))
    if pull is None:
        raise UnusableRequest(
            "the facts that the last run kept are not about this head", "let a run judge it first: `merge-hub plan`"
        )
    judged_by = [PolicyFile.model_validate(each) for each in kept["policies"]]
    return supposing(found, pull, facts, judged_by, supposition)


def _from_the_log(repository: str, number: int, unreadable: str | None) -> Json:
    from flows.wiring import open_archive  # noqa: PLC0415 -- adapters take a second to import

    try:
        with open_archive() as archive:
            history = history_of(repository, number, archive.log.events(types=TOLD))
            digest = history.grounds
            grounds = None if digest is None else json.loads(load_by_digest(Digest(digest), archive))
    except MergeHubError as error:
        said = f"It cannot be found out: {error.message}. {error.remedy}"
        return blank(repository, number, State.UNKNOWN) | {"said": said}
    found = answer_from(history, repository, number, grounds)
    return found if unreadable is None else found | {"said": f"{found['said']} (From the audit log: {unreadable}.)"}
