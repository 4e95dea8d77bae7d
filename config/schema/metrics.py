"""Where facts are kept that reports count."""

from pydantic import Field

from config.schema.databases import DatabaseAddress
from config.schema.values import Section


class Metrics(Section):
    database: DatabaseAddress | None = Field(
        default=None,
        description="The PostgreSQL database that has the ledger of facts; a secret, so write `${VARIABLE}`, or where "
        "it is kept. Without it, the file `ledger.db` under MERGE_HUB_HOME.",
    )
