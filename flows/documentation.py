"""The tables of the README that the code knows better: `python -m flows.documentation` writes them, a test checks."""

import re
import sys
from pathlib import Path
from typing import get_args

from config.schema import AnyRule
from config.schema.expressions import VARIABLES
from tasks.domain.anomalies import RULES
from tasks.domain.reasons import TABLE
from tasks.domain.simulation import report
from tasks.domain.simulation.comparison import Parameters, compare

README = Path(__file__).parent.parent / "README.md"

JOURNEY = (
    ("discover", "discover", "which open pull requests are candidates, and every reason why the others are not"),
    ("audit", "close_open_intents", "what an earlier run announced and did not see the end of"),
    ("verify", "verify_branch", "what an earlier run landed and did not live to test, or to take back"),
    ("plan", "make_plan", "dependencies, order, conflicts; `plan.json` with a digest"),
    ("batch", "form_batch", "what is tested together on the branch as it is now"),
    ("gates", "run_gates", "by which few runs every culprit is found; a red base blames nobody"),
    ("compliance", "check_compliance", "every control of every policy, on what the code host says at that moment"),
    ("sign-off", "check_sign_off", "whether the named roles have signed this very plan, at that moment"),
    ("audit", "record_intent", "the intent, durable, with the grounds of the decision"),
    ("land", "land", "the tested commit itself, or nothing: a moved head or base is an answer"),
    ("verify", "verify_landing", "the landed tree is the gated tree; the outcome is recorded"),
    ("verify", "close_landing", "what the code host does not see by itself is closed there"),
    ("verify", "verify_branch", "how it does once landed; what fails there is an incident, and rolled back if wanted"),
    ("sign-off", "ask_for_sign_offs", "one plan of what lacks nothing but signatures; people are asked once"),
    ("outcomes", "record_outcomes", "why each of the others did not land"),
    ("report", "publish_report", "the audit report, in the evidence store"),
    ("anomalies", "raise_alerts", "what is out of the ordinary in the audit log, each once"),
    ("notification", "notify", "who is told what, once"),
)
"""Step, the function that the flows call, and what it decides or leaves."""


def rendered(readme: str) -> str:
    """`readme` with its generated parts made anew."""
    parts = {
        "the journey": _journey(),
        "the simulation": _simulation(),
        "the checks": _checks(),
        "the variables": _variables(),
        "the anomalies": _anomalies(),
        "the reasons": _reasons(),
    }
    for part, table in parts.items():
        readme = _replaced(readme, part, table)
    return readme


def _journey() -> str:
    rows = [f"| {step} | `{function}` | {what} |" for step, function, what in JOURNEY]
    return "\n".join(["| step | in code | decides, leaves |", "| --- | --- | --- |", *rows])


def _variables() -> str:
    rows = [f"| `{root}.{name}` | {what} |" for root, parts in VARIABLES.items() for name, what in parts.items()]
    return "\n".join(["| variable | is |", "| --- | --- |", *rows])


def _checks() -> str:
    """What a rule of each check demands, and its parameters, in the words of the schema."""
    rows = []
    for rule in get_args(AnyRule):
        fields = rule.model_fields
        check, parameters = get_args(fields["check"].annotation)[0], fields["parameters"].annotation
        keys = [f"`{field.alias or name}`: {field.description}" for name, field in parameters.model_fields.items()]
        rows.append(f"| `{check.value}` | {fields['check'].description} | {'<br>'.join(keys) or 'none'} |")
    return "\n".join(["| check | holds where | parameters (`with`) |", "| --- | --- | --- |", *rows])


def _anomalies() -> str:
    rows = [
        f"| {rule.id} | {rule.level.value} | {rule.title} | {rule.description}{rule.limits and ' '}{rule.limits} |"
        for rule in RULES.values()
    ]
    return "\n".join(["| rule | level | says | judged how, and its limits |", "| --- | --- | --- | --- |", *rows])


def _reasons() -> str:
    rows = [f"| `{code.value}` | {entry.outcome.value} | {entry.meaning} |" for code, entry in TABLE.items()]
    return "\n".join(["| reason | outcome | means |", "| --- | --- | --- |", *rows])


def _simulation() -> str:
    """As `merge-hub simulate --slots 5 --repetitions 30` prints it."""
    found = compare(Parameters(slots=5, repetitions=30))
    rows = [f"| {' | '.join(row)} |" for row in report.rows(found)]
    head = [f"| {' | '.join(report.COLUMNS)} |", f"| --- |{' ---: |' * (len(report.COLUMNS) - 1)}"]
    return "\n".join([*head, *rows])


def _replaced(readme: str, part: str, table: str) -> str:
    pattern = re.compile(rf"(<!-- {part}: [^\n]*-->\n).*?(<!-- end of {part} -->)", re.DOTALL)
    return pattern.sub(lambda found: f"{found[1]}{table}\n{found[2]}", readme)


def main() -> None:
    README.write_text(rendered(README.read_text("utf-8")), "utf-8")
    sys.stdout.write(f"{README.name} is up to date\n")


if __name__ == "__main__":
    main()
