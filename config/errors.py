"""
What is wrong with a configuration, told so that a person can mend it in one round.

    ConfigurationError      every problem of every file (or of the environment) at once
    UnsetVariable           a `${VARIABLE}` that something enabled needs has no value
    UnknownTeam             a team was asked for that is not configured
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`file` is relative to the configuration directory; line and column count from 1, None where there is no place."""

    file: str
    line: int | None = None
    column: int | None = None
    key: str = ""
    message: str
    remedy: str

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        about = f"{place} {self.key}".rstrip()
        return f"{about}: {self.message}; {self.remedy}"


def in_reading_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(set(problems), key=lambda p: (p.file, p.line or 0, p.column or 0, p.key, p.message)))


class ConfigurationError(Exception):
    """Nothing may run on a configuration that is partly understood."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_reading_order(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @property
    def remedy(self) -> str:
        return "mend what is listed, then run `merge-hub config check`"


class UnsetVariable(LookupError):
    def __init__(self, name: str, *, key: str = "") -> None:
        self.name = name
        self.key = key
        super().__init__(f"environment variable {name} is not set" + (f", which {key} needs" if key else ""))

    @property
    def remedy(self) -> str:
        return f"set {self.name} in the environment of the process that runs merge-hub"


class UnknownTeam(LookupError):
    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.name = name
        self.known = known
        super().__init__(f"no team is called {name!r}")

    @property
    def remedy(self) -> str:
        return f"choose one of {', '.join(self.known)}"
