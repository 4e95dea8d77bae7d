"""Where facts are kept that reports count, and what they are measured by."""

from pydantic import Field

from config.schema.databases import DatabaseAddress
from config.schema.times import Duration, duration_of
from config.schema.values import Section


class Objectives(Section):
    """What reports measure by; nothing is held up by it."""

    merge: Duration = Field(
        default="24h",
        description="Within how much working time a pull request should be merged once it is ready for review.",
    )
    queue: Duration = Field(
        default="24h", description="How long it may be in the queue, by the clock, before people are told to look."
    )
    gate_success: int = Field(
        default=90, ge=0, le=100, description="How many first attempts of a gate in a hundred should pass."
    )

    @property
    def merge_seconds(self) -> float:
        return duration_of(self.merge).total_seconds()

    @property
    def queue_seconds(self) -> float:
        return duration_of(self.queue).total_seconds()


class Metrics(Section):
    database: DatabaseAddress | None = Field(
        default=None,
        description="The PostgreSQL database that has the ledger of facts; a secret, so write `${VARIABLE}`, or where "
        "it is kept. Without it, the file `ledger.db` under MERGE_HUB_HOME.",
    )
    objectives: Objectives = Field(default=Objectives(), description="What the figures are measured by.")
