"""A step as Prefect runs it."""

from dataclasses import dataclass

from prefect.client.schemas.objects import State
from prefect.states import Completed

from tasks.retrying import step


@dataclass(frozen=True)
class Given:
    name: str
    state: State[int]


@step("takes {given.name}")
def named_states(given: Given, *, also: Given) -> tuple[object, object]:
    return given.state, also.state


def test_a_step_is_handed_what_it_is_called_with_untouched(prefect_environment: dict[str, str]) -> None:
    """Prefect looks for states in all that it is given, however deep, and puts what they came to in their place."""
    one: State[int] = Completed(data=1)
    other: State[int] = Completed(data=2)
    seen = named_states(Given("one", one), also=Given("other", other))

    assert [type(state) for state in seen] == [State, State]
