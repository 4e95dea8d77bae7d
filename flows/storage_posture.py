"""Whether the evidence store keeps evidence as it must: looked at each day, recorded, and told where it does not."""

from typing import Any

from prefect import flow

from config.schema import Stage
from flows import wiring
from flows.boundary import seal
from tasks.notification import notify_incidents
from tasks.posture import check_posture
from tasks.redaction import without_secrets


@flow(
    name="storage-posture",
    description="Looks at the evidence store: its lock, its versions, a sample of its objects; tells what is wrong.",
)
@without_secrets
def storage_posture() -> dict[str, Any]:
    """What was found, and the problems met in telling it or in sealing the log."""
    with wiring.begin_run(Stage.MERGE) as run:
        posture = check_posture(run.configuration, run.services)
        undelivered = notify_incidents(run.configuration, run.services)
        unsealed = seal(run)
    return {
        "store": posture.store,
        **posture.document,
        "sentences": [each.sentence for each in posture.problems],
        "unfinished": [*undelivered, *unsealed],
    }
