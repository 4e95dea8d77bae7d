"""How to ask whether what has landed does well where it runs, and by when it must."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from config.schema.times import Duration, duration_of
from config.schema.values import Command, GateName, Line, Section, Spelling, Truth, refused

LANDED = "{commit}"
"""Stands for the commit that has landed, in an address and in what is expected."""

_LONGEST = timedelta(hours=6)


def _without_password(url: str) -> str:
    if "@" in re.split(r"[/?#]", url.partition("://")[2])[0]:
        raise refused("holds a user or a password, which no file may", "leave them out")
    return url


HealthUrl = Annotated[
    str, AfterValidator(_without_password), Spelling(r"https?://[^\s/?#]+(?:[/?#]\S*)?", "an http(s) address")
]


class Health(Section):
    """What to ask, and what answer is a good one."""

    url: HealthUrl | None = Field(
        default=None,
        description="An address that answers with a status of 200 to 299 where all is well. Redirects are no such "
        "answer. `{commit}` stands for the commit that has landed.",
    )
    command: Command | None = Field(
        default=None,
        description="Run by a shell in a fresh checkout of what landed, as a gate is; exit status 0 says that all is "
        "well. `$MERGE_HUB_LANDED` is the commit.",
    )
    expect: Line | None = Field(
        default=None,
        description="Text that the answer, or the command's output, must hold besides. `{commit}` stands for the "
        "commit that has landed, so that the version before it is not taken for it.",
    )
    deadline: Duration = Field(
        default="10m", description="How long after the landing it must do well at the latest; `6h` at most."
    )
    interval: Duration = Field(default="10s", description="How long to wait before it is asked again.")

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        if (said.get("url") is None) == (said.get("command") is None):
            yield refused("must name one thing to ask", "write either `url` or `command`")
        deadline, interval = (_duration(said.get(name, cls.model_fields[name].default)) for name in _TIMES)
        if deadline is not None and deadline > _LONGEST:
            sentence = "is longer than six hours, in which nothing else would land there"
            yield refused(sentence, "write `6h` at most", ("deadline",))
        if deadline is not None and interval is not None and interval > deadline:
            yield refused("is longer than the deadline", "write less than `deadline`", ("interval",))


_TIMES = ("deadline", "interval")


class HealthCheck(Section):
    """Asked again and again until it does well, or its deadline is over."""

    name: GateName = Field(description="Unique among the team's gates and the global ones.")
    required: Truth = Field(
        default=True,
        description="Whether it is an incident when it does not do well, which the team may roll back.",
    )
    health: Health = Field(description="What to ask, and by when the answer must be good.")


def _duration(written: object) -> timedelta | None:
    try:
        return duration_of(written) if isinstance(written, str) else None
    except (KeyError, ValueError, IndexError, OverflowError):
        return None
