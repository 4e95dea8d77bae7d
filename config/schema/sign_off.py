"""Whose signature a plan needs before it lands: demands of teams and of the organization, and `signers.yml`."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import Field
from pydantic_core import PydanticCustomError

from config.schema.patterns import PathPattern
from config.schema.times import Duration, Moment, duration_of, moment_of
from config.schema.values import Count, Label, Line, Login, Section, Spelling, refused, repetitions

RoleName = Annotated[str, Spelling(r"[a-z0-9][a-z0-9-]{0,63}", "a name of small letters, digits and `-`")]
Principal = Annotated[
    str, Spelling(r"[A-Za-z0-9][A-Za-z0-9._+@-]{0,199}", "a principal such as `alice@example.org`, no pattern")
]
_DEFAULT_EXPIRY = "7d"


class SignOffWhen(Section):
    """Where several are given, any of them suffices."""

    paths: tuple[PathPattern, ...] = Field(
        default=(), description="A member changes a path that one of these patterns matches, as in CODEOWNERS."
    )
    labels: tuple[Label, ...] = Field(default=(), description="A member bears one of these, in whatever case.")
    batch_size: Count | None = Field(default=None, ge=2, le=10_000, description="So many pull requests, or more.")

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        if not any(said.get(key) for key in ("paths", "labels", "batch_size")):
            yield refused("names no case", "name `paths`, `labels` or `batch_size`, or leave `when` out for always")


class SignOff(Section):
    """A signature that a plan needs."""

    role: RoleName = Field(description="Who signs: a role of signers.yml.")
    when: SignOffWhen | None = Field(default=None, description="In which cases; without it, always.")
    expires: Duration | None = Field(
        default=None, description="How long a signature holds, such as `24h`; else as signers.yml says. Never longer."
    )


class Role(Section):
    title: Line = Field(description="What the role is called in reports.")


MISSION_ROLES = {
    "platform-lead": Role(title="Platform Lead"),
    "security-lead": Role(title="Security Lead"),
    "compliance-officer": Role(title="Compliance Officer"),
}


class Signer(Section):
    login: Login = Field(description="The login at the code host: whoever wrote part of a plan cannot sign it.")
    principal: Principal = Field(description="The name that the person's keys have in `allowed_signers`.")
    roles: tuple[RoleName, ...] = Field(min_length=1, description="What the person may sign as; one of them a plan.")
    from_: Moment | None = Field(default=None, alias="from", description="Since when; without it, always.")
    until: Moment | None = Field(default=None, description="Until when; without it, for good.")

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        start, end = (moment_of(text) if isinstance(text := said.get(key), str) else None for key in ("from", "until"))
        if start is not None and end is not None and end <= start:
            yield refused("is not after `from`", "let it end after it begins", ("until",))

    def holds(self, at: datetime) -> bool:
        """Whether the person is in office."""
        start, end = (moment_of(text) if text else None for text in (self.from_, self.until))
        return (start is None or start <= at) and (end is None or at < end)


class SignersFile(Section):
    """Who signs plans, and as what: signers.yml. Their keys stand in `allowed_signers` beside it."""

    expires: Duration = Field(default=_DEFAULT_EXPIRY, description="How long a signature holds at most.")
    roles: dict[RoleName, Role] = Field(
        default=MISSION_ROLES, min_length=1, description="The roles that there are, with their titles."
    )
    people: tuple[Signer, ...] = Field(default=(), description="Who may sign.")

    @property
    def lifetime(self) -> timedelta:
        return duration_of(self.expires)

    @classmethod
    def contradictions(cls, said: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
        yield from repetitions(said, "login", "people")
        yield from repetitions(said, "principal", "people")
        written = said.get("roles")
        known = written if isinstance(written, dict) else MISSION_ROLES
        people = said.get("people")
        for position, person in enumerate(people if isinstance(people, list | tuple) else ()):
            roles = person.get("roles") if isinstance(person, dict) else getattr(person, "roles", None)
            for index, role in enumerate(roles if isinstance(roles, list | tuple) else ()):
                if isinstance(role, str) and role not in known:
                    sentence = f"is `{role[:64]}`, a role that there is not"
                    yield refused(sentence, "name one of `roles`", ("people", position, "roles", index))
