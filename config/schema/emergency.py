"""What may be let pass in an emergency, and what is owed for it afterwards: `emergency:` in global.yml."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from pydantic import Field
from pydantic_core import PydanticCustomError

from config.schema.times import Duration, duration_of
from config.schema.values import Label, Section, refused

LATEST_REVIEW = timedelta(hours=72)


class Emergency(Section):
    """
    Two people can let a pull request land that does not satisfy rules marked `waivable`. No gate is skipped for it.

    It bears the label; a reason is given by `merge-hub emergency declare` or in its description; somebody who neither
    wrote a part of it nor asked for it has approved its head.
    """

    label: Label = Field(
        default="emergency", description="The label of such a pull request, which puts it into the hotfix lane too."
    )
    declared_for: Duration = Field(default="24h", description="How long a declaration by command holds.")
    review_within: Duration = Field(
        default="72h", description="Until when somebody independent must have reviewed what landed so; 72h at most."
    )

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        for key in ("declared_for", "review_within"):
            if (length := _length(said.get(key))) is not None and length > LATEST_REVIEW:
                yield refused(f"is `{said[key]}`, and 72h are the most", "write a shorter one", (key,))

    @property
    def declaration_lasts(self) -> timedelta:
        return duration_of(self.declared_for)

    @property
    def review_due(self) -> timedelta:
        return duration_of(self.review_within)


def _length(text: object) -> timedelta | None:
    try:
        return duration_of(text) if isinstance(text, str) and text else None
    except (KeyError, ValueError):
        return None
