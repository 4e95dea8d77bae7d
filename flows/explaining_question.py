"""What somebody asks of one pull request."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Question:
    """`pull_request` as it was typed; what is assumed is empty, and `policies` None, where nothing is."""

    pull_request: str
    approvals: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    policies: Path | None = None
    verbose: bool = False

    @property
    def repository(self) -> str:
        return self.pull_request.rpartition("#")[0]

    @property
    def number(self) -> int | None:
        """None where it names none."""
        digits = self.pull_request.rpartition("#")[2]
        usable = self.repository and digits.isdecimal() and digits.isascii() and 0 < int(digits[:11]) < 2**31
        return int(digits[:11]) if usable else None

    @property
    def goes_further(self) -> bool:
        """Whether policies have to be asked again."""
        return bool(self.approvals or self.labels or self.policies is not None or self.verbose)
