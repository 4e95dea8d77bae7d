"""A stop of all landings, until somebody takes it back or its end has come."""

from datetime import datetime

from pydantic import Field

from config.schema.times import Moment, moment_of
from config.schema.values import Line, Section


class Pause(Section):
    """While it lasts nothing lands, not even a hotfix; gates may go on."""

    reason: Line = Field(description="Why nothing lands, as everybody is told who is held.")
    owner: Line = Field(description="Who can end it, as everybody is told who is held.")
    until: Moment = Field(description="When it ends by itself.")

    @property
    def end(self) -> datetime | None:
        return moment_of(self.until)

    def holds(self, at: datetime) -> bool:
        return self.end is None or at < self.end
