"""Landings with all that their evidence rests on."""

from tasks.domain.canonical import canonical_json
from tasks.evidence import store_by_digest
from tests.domain.builders import pull_request
from tests.domain.chronicle import Story
from tests.tasks.office import Office


def lands(office: Office, story: Story, number: int) -> None:
    """Approved by carol, its gate passed; two events and what policies said before them."""
    head = pull_request(number).head
    log = store_by_digest(b"12 passed\n", office.services, "text/plain")
    grounds = {
        "head": head,
        "contributors": ["alice"],
        "approvals": [{"reviewer": "carol", "review": "1", "commit": head, "brings_the_same": False}],
        "gates": [{"gate": "unit", "required": True, "verdict": "passed", "log": log}],
        "sign_offs": [],
        "findings": [{"rule": "COM-001", "result": "pass", "because": "1 of 1 approvals"}],
    }
    digest = store_by_digest(canonical_json(grounds), office.services, "application/json")
    story.lands(number, grounds=digest)
