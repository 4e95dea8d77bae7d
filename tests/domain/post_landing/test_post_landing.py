from config.schema import PostLandingGate
from tasks.domain.audit import Event
from tasks.domain.gates import GateResult, Verdict
from tasks.domain.post_landing import Answer, finished, incidents, to_ask_again, with_answers
from tests.domain.builders import ENVIRONMENT, gate_result, recorder
from tests.domain.rollback.test_rollback import landing

LANDING = landing(1, 1)
FAILED, PASSED, ERRORED, TIMED_OUT = (
    gate_result("smoke", verdict, exit_code=code)
    for verdict, code in [
        (Verdict.FAILED, 1),
        (Verdict.PASSED, 0),
        (Verdict.ERRORED, 75),
        (Verdict.TIMED_OUT, None),
    ]
)
BY_HAND = ("git revert",)


def smoke(*, required: bool = True, retries: int = 1) -> PostLandingGate:
    return PostLandingGate(name="smoke", command="make smoke", required=required, retries=retries)


def answer(*said: GateResult, required: bool = True, retries: int = 1) -> Answer:
    return Answer(smoke(required=required, retries=retries), said)


def raised(*answers: Answer, rollback: bool = False) -> list[tuple[object, object]]:
    events = incidents(recorder(), LANDING, answers, BY_HAND, rollback=rollback)
    return [(event.data["alert"], event.data["message"]) for event in events]


def told(event: Event) -> tuple[object, object]:
    return event.data["rollback"], event.data.get("commands")


def test_a_no_is_asked_for_once_more_and_a_yes_is_not() -> None:
    answers = [answer(FAILED), answer(TIMED_OUT), answer(PASSED), answer(ERRORED), answer(FAILED, FAILED)]

    assert [bool(to_ask_again([each])) for each in answers] == [True, True, False, False, False]


def test_a_gate_says_how_often_it_is_asked_again() -> None:
    assert to_ask_again([answer(FAILED, retries=0)]) == ()
    assert to_ask_again([answer(FAILED, FAILED, retries=2)]) == (smoke(retries=2),)


def test_a_no_without_consequences_is_not_asked_for_again() -> None:
    assert to_ask_again([answer(FAILED, required=False)]) == ()


def test_what_is_said_again_is_the_last_word() -> None:
    (again,) = with_answers([answer(FAILED)], {"smoke": PASSED})

    assert (again.said, again.failed, again.unreliable) == ((FAILED, PASSED), False, True)
    assert with_answers([again], {}) == (again,)


def test_a_gate_that_says_no_twice_is_an_incident() -> None:
    assert raised(answer(FAILED, FAILED)) == [
        ("post-landing-failed", "#1 #2 landed on main as 0000000: gate smoke failed with exit status 1")
    ]


def test_a_gate_that_says_yes_when_asked_again_is_told_as_unreliable() -> None:
    assert raised(answer(FAILED, PASSED)) == [
        (
            "post-landing-unreliable",
            "#1 #2 landed on main as 0000000: gate smoke failed with exit status 1, and passed when asked again",
        )
    ]


def test_a_gate_that_came_to_no_answer_is_told_so() -> None:
    assert raised(answer(FAILED, ERRORED)) == [
        (
            "post-landing-errored",
            "#1 #2 landed on main as 0000000: gate smoke could not be run to an answer with exit status 75",
        )
    ]


def test_what_passes_or_is_not_required_is_no_incident() -> None:
    assert raised(answer(PASSED), answer(FAILED, required=False), answer(ERRORED, required=False)) == []


def test_who_is_not_to_roll_back_is_told_how_to() -> None:
    (by_hand,) = incidents(recorder(), LANDING, [answer(FAILED, FAILED)], BY_HAND, rollback=False)
    (by_itself,) = incidents(recorder(), LANDING, [answer(FAILED, FAILED)], BY_HAND, rollback=True)

    assert told(by_hand) == (False, ["git revert"])
    assert told(by_itself) == (True, None)


def test_only_a_failure_is_rolled_back() -> None:
    events = incidents(recorder(), LANDING, [answer(ERRORED), answer(FAILED, PASSED)], BY_HAND, rollback=True)

    assert [event.data.get("rollback") for event in events] == [None, None]


def test_an_answer_is_on_record_with_all_that_was_said_before() -> None:
    event = finished(recorder(), LANDING, ENVIRONMENT, answer(FAILED, PASSED))

    assert event.subject["commit"] == LANDING.commit
    assert event.data["verdict"] == "passed"
    assert isinstance(event.data["before"], list)
    assert len(event.data["before"]) == 1


def test_many_failing_gates_are_named_within_bounds() -> None:
    many = [
        Answer(PostLandingGate(name=f"smoke-{at}", command="false"), (gate_result(f"smoke-{at}", Verdict.FAILED),) * 2)
        for at in range(12)
    ]

    assert str(raised(*many)[0][1]).endswith("gate smoke-9 failed and 2 more")
