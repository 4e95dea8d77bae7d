"""
The form of the Prefect UI that takes a signature: a run that was deployed is suspended until somebody fills it in.

Prefect then runs the flow from its top. What it did before it finds done, in the log, and so it comes to the same
question, whose answer is there; a question that was answered is another one afterwards, since less is missing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from prefect import get_run_logger, suspend_flow_run
from prefect.context import FlowRunContext
from prefect.input import RunInput
from pydantic import Field

from flows import signing
from tasks.domain.canonical import canonical_json, digest_of
from tasks.domain.signing_desk import SignOffRefused, UnknownPlan

PATIENCE_SECONDS = 7 * 24 * 3600
"""After it Prefect fails the run, and nothing is lost: the next one asks again."""


class SignatureForm(RunInput):
    """Nothing has a default, so that an empty form is no signature."""

    signature: str = Field(
        min_length=1, description="All that `merge-hub sign-off PLAN --role ROLE --for-form` printed."
    )


class Ask(Protocol):
    def __call__(self, question: str, key: str, /) -> str:
        """The answer to `question`, which is known by `key`."""


def may_be_suspended() -> bool:
    """Whether a worker would go on with this run: only what was deployed can be."""
    context = FlowRunContext.get()
    return context is not None and context.flow_run is not None and context.flow_run.deployment_id is not None


def until_signed(run: Callable[[], dict[str, Any]], ask: Ask) -> dict[str, Any]:
    """Runs, and asks for signatures and runs again for as long as plans wait; what the last run says."""
    while True:
        document = run()
        waiting = signing.awaited()["waiting"]
        if not _lacking(waiting):
            return document
        _take_one(waiting, ask)


def ask_in_the_ui(question: str, key: str) -> str:
    form = SignatureForm.with_initial_data(description=question)
    answer = suspend_flow_run(wait_for_input=form, timeout=PATIENCE_SECONDS, key=key)
    return str(answer.signature)


def _take_one(waiting: list[Mapping[str, Any]], ask: Ask) -> None:
    """Asks until a signature counts; why one does not is told with the next question."""
    refused, tried = "", ""
    while True:
        answer = ask(f"{refused}{_question(waiting)}", _key(waiting, tried))
        try:
            signing.record(answer)
        except (SignOffRefused, UnknownPlan) as error:
            get_run_logger().warning("a signature was refused: %s", error)
            refused, tried = f"Refused: {error}.\n\n", digest_of(f"{tried}{answer}".encode())
        else:
            return


def _lacking(waiting: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(plan["plan"], role["role"]) for plan in waiting for role in plan["roles"] if role["signed_by"] is None]


def _question(waiting: list[Mapping[str, Any]]) -> str:
    lines = ["Plans wait for signatures. Sign one by your own key, and paste what is printed:", ""]
    lines += [f"    merge-hub sign-off {plan} --role {role} --for-form" for plan, role in _lacking(waiting)]
    return "\n".join(lines)


def _key(waiting: list[Mapping[str, Any]], tried: str) -> str:
    return digest_of(canonical_json([[list(each) for each in _lacking(waiting)], tried])).removeprefix("sha256:")
