"""
What is attested of one landing: an in-toto statement with a verification summary as SLSA describes it.

It follows from the two events of the landing and from the grounds that the intent cites, and from nothing else, so that
whoever has these can make it again and compare. Only what they show is claimed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from tasks.domain.audit import Event
from tasks.domain.canonical import canonical_json

PREFIX = "attestations/"
STATEMENT = ".vsa.dsse.json"
PROOF = ".tlog-proof"
MEDIA_TYPE = "application/vnd.in-toto+json"
PROOF_MEDIA_TYPE = "text/plain"
PREDICATE = "https://slsa.dev/verification_summary/v1"
TWO_PARTIES = "SLSA_SOURCE_TWO_PARTY_REVIEWED"
GATES = "ORG_SOURCE_GATES_PASSED"
SAME_TREE = "ORG_SOURCE_TESTED_TREE_LANDED"

Grounds = Mapping[str, Any]


def place_of(completed: Event) -> str:
    """The key of what is attested of a landing, without its end; with one commit several pull requests may land."""
    name = completed.repository.name if completed.repository else "unknown"
    return f"{PREFIX}{name}/{completed.data['commit']}-{completed.subject['pull_request']}"


def statement(intent: Event, completed: Event, grounds: Grounds, *, log: str, host: str) -> bytes:
    """The exact bytes that are signed; `log` is the origin of its checkpoints, `host` where the repository is."""
    data, name = completed.data, completed.repository.name if completed.repository else "unknown"
    policy = str(intent.data["policy"])
    return canonical_json(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [
                {
                    "uri": f"git+{host}/{name}",
                    "digest": {"gitCommit": data["commit"]},
                    "annotations": {"sourceRefs": [f"refs/heads/{intent.data['target']}"]},
                }
            ],
            "predicateType": PREDICATE,
            "predicate": {
                "verifier": {"id": f"https://{log}"},
                "timeVerified": intent.time,
                "resourceUri": f"git+{host}/{name}",
                "policy": {"uri": f"urn:merge-hub:policy:{policy}", "digest": {"sha256": _hex(policy)}},
                "verificationResult": "PASSED",
                "verifiedLevels": list[JsonValue](levels(completed, grounds)),
                "merge_hub": _details(intent, completed, grounds),
            },
        }
    )


def levels(completed: Event, grounds: Grounds) -> Sequence[str]:
    """What the grounds show: no level of SLSA's own, which would need a record of protection without a gap."""
    required = [gate for gate in grounds["gates"] if gate["required"]]
    shown = {
        TWO_PARTIES: _reviewed_by_another(grounds),
        GATES: bool(required) and all(gate["verdict"] == "passed" for gate in required),
        SAME_TREE: completed.data["tree"] == completed.data["gated_tree"],
    }
    return sorted(level for level, holds in shown.items() if holds)


def _reviewed_by_another(grounds: Grounds) -> bool:
    """Of the final revision: an approval that outlived a rebase is one, and not of these very commits."""
    wrote = {str(login).casefold() for login in grounds["contributors"]}
    return any(
        each["commit"] == grounds["head"] and str(each["reviewer"]).casefold() not in wrote
        for each in grounds["approvals"]
    )


def _details(intent: Event, completed: Event, grounds: Grounds) -> dict[str, JsonValue]:
    return {
        "events": {"intent": intent.id, "completed": completed.id},
        "grounds": intent.data["grounds"],
        "pull_request": intent.subject["pull_request"],
        "class": intent.data["class"],
        "head": intent.subject["head"],
        "base_before": intent.data["base"],
        "base_after": completed.data["commit"],
        "gated_tree": completed.data["gated_tree"],
        "landed_tree": completed.data["tree"],
        "method": completed.data["method"],
        "batch": intent.data["pull_requests"],
        "gates": list(grounds["gates"]),
        "approvals": list(grounds["approvals"]),
        "sign_offs": list(grounds["sign_offs"]),
        "waived": [each for each in grounds["findings"] if each["result"] == "waived"],
    }


def _hex(digest: str) -> str:
    return digest.removeprefix("sha256:")
