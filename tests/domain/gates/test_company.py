"""What a gate saw beside its own repository is part of what it said, and of nothing else."""

from dataclasses import replace

from config.schema import Gate
from tasks.domain.audit import Event
from tasks.domain.gates import Candidate, Companion, Verdict, company_seen, definition_digest, proof_of
from tasks.domain.memory import recall
from tasks.domain.model import RepositoryName, TreeSha
from tests.domain.builders import ENVIRONMENT, NOON, candidate, gate, gate_result, recorder, sha, taken, tree

TOGETHER = gate().model_copy(update={"together": True})


def beside(*seen: TreeSha) -> Candidate:
    others = [Companion(RepositoryName(f"acme/r{at}"), f"{at}", sha(at), found) for at, found in enumerate(seen)]
    return replace(candidate(1), companions=tuple(reversed(others)))


ALONE, COMPANY, OTHER_COMPANY = candidate(1), beside(tree(1), tree(2)), beside(tree(1), tree(3))
EVERY = (ALONE, COMPANY, OTHER_COMPANY)


def finished(by: Gate, on: Candidate, verdict: Verdict = Verdict.PASSED) -> Event:
    return taken(recorder().gate_finished(on, by, ENVIRONMENT, gate_result(by.name, verdict)))


def test_a_gate_that_sees_all_of_a_change_set_is_another_gate() -> None:
    assert definition_digest(TOGETHER) != definition_digest(gate())


def test_what_is_beside_a_candidate_is_part_of_the_answer_of_a_gate_that_sees_it_and_of_no_other() -> None:
    assert len({proof_of(TOGETHER, each, ENVIRONMENT) for each in EVERY}) == len(EVERY)
    assert len({proof_of(gate(), each, ENVIRONMENT) for each in EVERY}) == 1
    assert company_seen(TOGETHER, COMPANY) == (("0", tree(1)), ("1", tree(2)))


def test_each_answer_is_a_fact_of_its_own_on_record_and_without_company_the_one_that_it_always_was() -> None:
    assert len({finished(TOGETHER, each).id for each in EVERY}) == len(EVERY)
    assert len({finished(gate(), each).id for each in EVERY}) == 1
    assert "companions" not in finished(TOGETHER, ALONE).subject


def test_a_pass_beside_others_proves_nothing_of_a_tree_alone() -> None:
    assert not recall([finished(TOGETHER, COMPANY)]).proves_green(tree(1), [TOGETHER], ENVIRONMENT, NOON)
    assert recall([finished(TOGETHER, ALONE)]).proves_green(tree(1), [TOGETHER], ENVIRONMENT, NOON)


def test_a_failure_beside_others_is_no_flake_of_a_pass_alone() -> None:
    gates = recall([finished(TOGETHER, ALONE), finished(TOGETHER, COMPANY, Verdict.FAILED)]).gates

    assert (gates.flakes, gates.failure(TOGETHER, tree(1), ENVIRONMENT, NOON)) == (0, None)
    assert {*gates.passes, *gates.failures} == {proof_of(TOGETHER, each, ENVIRONMENT) for each in (ALONE, COMPANY)}
