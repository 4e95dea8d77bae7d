"""Names of repositories and numbers of pull requests, as GitHub can be asked for them."""

from tasks.adapters.github.failures import missing
from tasks.domain.model import RepositoryName

LARGEST_NUMBER = 2**31 - 1


def owner_and_name(repository: RepositoryName) -> tuple[str, str]:
    """Raises RepositoryMissing for what cannot be a repository's full name."""
    owner, separator, name = repository.partition("/")
    if not (owner and separator and name) or "/" in name or name in {".", ".."}:
        raise missing(repository)
    return owner, name


def askable(number: int) -> bool:
    """GitHub refuses a whole query for a number that is no 32-bit one."""
    return 0 < number <= LARGEST_NUMBER
