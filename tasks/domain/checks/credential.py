"""Is the credential that merge-hub acts with known to be young? Unknown is not young."""

from config.schema import TokenAgeParameters
from tasks.domain.checks.judgement import Judgement, Satisfied, in_error, violated
from tasks.domain.model import CredentialAge

_KEEPER = "the platform team"


def check_token_age(parameters: TokenAgeParameters, credential: CredentialAge | None) -> Judgement:
    """No age is told, so that the same verdict stays the same from day to day."""
    most = parameters.max_days
    if credential is None:
        return in_error(f"the credential is to be at most {most} days old, and nothing is known of it", _KEEPER)
    age = credential.days
    if credential.seen_days > most or (age is not None and age > most):
        return violated(f"the credential is to be at most {most} days old, and is older", _KEEPER)
    if age is None:
        return in_error(f"the credential is to be at most {most} days old, and nobody states its age", _KEEPER)
    return Satisfied(f"the credential is at most {most} days old")
