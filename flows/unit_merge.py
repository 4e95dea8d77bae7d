"""
The journey of what is in one repository of a change set, as `flows/repository_merge.py` is that of all the rest.

Its steps are the same, but for the plan and the gates: what is here of the set is one batch, or nothing. It is made
twice: up to where it might land, in every repository of the set, and then, in one after the other, to the end. Where a
gate sees the whole set, a look at what its other gates say goes before it.
"""

from typing import Any

from prefect import flow

from flows import wiring
from tasks.audit import record_intent
from tasks.change_sets import gate_apart, gate_unit, take_back
from tasks.compliance import check_compliance
from tasks.discovery import discover
from tasks.domain.unit_documents import unit_from
from tasks.domain.unit_results import apart_result, taken_back_result, unit_result
from tasks.land import land
from tasks.plan import form_unit, plan_unit
from tasks.redaction import without_secrets
from tasks.sign_off import ask_for_sign_offs, check_sign_off
from tasks.verify import close_landing, verify_branch, verify_landing

Json = dict[str, Any]


@flow(
    name="gate-unit-apart",
    flow_run_name="gate {unit[name]} in {repository} by itself",
    description="Finds out what the gates say of one repository of a change set that see nothing of the others.",
)
@without_secrets
def gate_unit_apart(team: str, repository: str, stage: str, run_id: str, unit: Json) -> Json:
    """As `prepare_unit`, up to the gates that see the whole set, which need to know what would land in each part."""
    with wiring.connect(team, repository, stage, run_id) as (rules, services):
        snapshot, whole = discover(rules, services), unit_from(unit)
        journey = plan_unit(rules, snapshot, whole, services)
        batch = form_unit(journey, whole, services)
        return apart_result(journey, whole, batch, gate_apart(journey, batch, whole, services))


@flow(
    name="prepare-unit",
    flow_run_name="prepare {unit[name]} in {repository}",
    description="Finds out whether what is in one repository of a change set could land.",
)
@without_secrets
def prepare_unit(team: str, repository: str, stage: str, run_id: str, unit: Json) -> Json:
    """What came of its pull requests as `repository_merge` tells it, and under `ready` what may land as it stands."""
    with wiring.connect(team, repository, stage, run_id) as (rules, services):
        snapshot, whole = discover(rules, services), unit_from(unit)
        journey = plan_unit(rules, snapshot, whole, services)
        batch = form_unit(journey, whole, services)
        gated = gate_unit(journey, batch, whole, services)
        cleared = check_compliance(journey, gated, services)
        cleared = check_sign_off(journey, cleared, services, whole.name)
        journey = ask_for_sign_offs(journey.after(batch, gated, cleared, None), services, whole.name)
        return unit_result(journey, whole, batch, cleared.candidate)


@flow(
    name="land-unit",
    flow_run_name="land {unit[name]} in {repository}",
    description="Lands what is in one repository of a change set, by one push or not at all.",
)
@without_secrets
def land_unit(team: str, repository: str, stage: str, run_id: str, unit: Json) -> Json:
    """What came of its pull requests as `repository_merge` tells it; a target branch that moved is gated anew."""
    with wiring.connect(team, repository, stage, run_id) as (rules, services):
        snapshot, whole = discover(rules, services), unit_from(unit)
        journey = plan_unit(rules, snapshot, whole, services)
        while (batch := form_unit(journey, whole, services)).candidates:
            gated = gate_unit(journey, batch, whole, services)
            cleared = check_compliance(journey, gated, services)
            cleared = check_sign_off(journey, cleared, services, whole.name)
            announced = record_intent(journey, gated, cleared, services, whole.name)
            reply = land(journey, announced, services)
            landing = verify_landing(journey, reply, services)
            journey = journey.after(batch, gated, cleared, landing)
            close_landing(journey, landing, services)
            journey = verify_branch(rules, snapshot, services).added_to(journey)
        return unit_result(journey, whole, batch, None)


@flow(
    name="take-back-unit",
    flow_run_name="take {unit[name]} back in {repository}",
    description="Takes back what has landed in one repository of a change set of which the rest could not land.",
)
@without_secrets
def take_back_unit(team: str, repository: str, stage: str, run_id: str, unit: Json) -> Json:
    """What became of its pull requests, as `repository_merge` tells it of those that were rolled back."""
    with wiring.connect(team, repository, stage, run_id) as (rules, services):
        snapshot = discover(rules, services)
        done = take_back(rules, snapshot, unit_from(unit), services)
        return taken_back_result(snapshot, rules.target, done)
