"""A run gates exactly as many candidates as `simulate` says that it will, of the same population."""

import pytest

from tasks.domain.simulation.backlog import Load, Tally, play
from tasks.domain.simulation.population import Population, population
from tasks.domain.simulation.strategies import EVERY, Setting
from tests.flows.hub import Hub
from tests.flows.sweeps import mostly_long

CAP = 10
ANSWERS = [{"name": "tests", "command": "test -z \"$(find . -name '*.bad')\""}]


def simulated(planted: Population, share: float, seed: int, slots: int) -> Tally:
    """Where every red verdict is asked again once, as it is by default."""
    return play(Load(planted, seed), EVERY["merge-hub"].make(Setting(CAP, slots, share, 1)))


@pytest.mark.parametrize(
    ("count", "share", "seed", "slots"),
    mostly_long(
        [
            (20, 0.2, 3, 1),
            (20, 0.2, 3, 5),
            *((100, share, 11, 1) for share in (0.01, 0.02, 0.05, 0.1, 0.2)),
            *((100, share, 12, 5) for share in (0.05, 0.2)),
        ],
        often=2,
    ),
)
def test_a_run_gates_as_many_candidates_as_are_simulated(
    hub: Hub, count: int, share: float, seed: int, slots: int
) -> None:
    planted = population(count, share, 0.0, seed)
    api = hub.organization.repository("api")
    hub.config.team("team-a", api, gates=ANSWERS, policies={"max_prs_per_batch": CAP})
    if slots > 1:
        hub.config.global_["execution"] = {"max_workers": slots}
    every = [
        api.pull_request(f"topic-{number}", {f"{number}.{'bad' if number in planted.bad else 'txt'}": "x\n"})
        for number in range(1, count + 1)
    ]
    expected = simulated(planted, share, seed, slots)

    run = hub.run()

    (search,) = run.repository(api)["searches"]
    rows = [row for row in run.gate_runs() if row["purpose"] in {"search", "speculation"}]
    refused = {pull.number for pull in every if run.told(pull) == ["refused: gate-failed"]}
    assert refused == planted.bad == {*expected.refused}
    assert search["evaluations"] == expected.evaluations
    assert len({row["candidate"] for row in rows}) <= expected.evaluations
    assert search["apart"]["confirmation"] == expected.confirmations == len(planted.bad)
