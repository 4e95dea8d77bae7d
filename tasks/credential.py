"""
The credential, as it was found when the run began: recorded once while nothing about it changes, and told.

Of the secrets that people are told with, what is not well about them is told beside it.
"""

from prefect.logging import get_run_logger

from config.schema import Configuration, Stage
from tasks.crash_points import CrashPoint, reached
from tasks.domain.credentials import ConcernKind, concerns, secret_concerns, token_checked
from tasks.domain.errors import CredentialsRejected
from tasks.domain.records import Recorder
from tasks.ports import Services
from tasks.retrying import step


@step("check the credential", name="check the credential")
def check_credential(configuration: Configuration, stage: Stage, services: Services) -> None:
    """
    Raises CredentialsRejected where something is to be done and the credential is known not to suffice for it.

    Records nothing where the code host told nothing: whatever lands needs it to answer.
    """
    for secret in services.secrets:
        for concern in secret_concerns(secret):
            get_run_logger().warning("%s, from %s: %s. %s", secret.name, secret.source, concern.found, concern.remedy)
    state, now = services.credential, services.clock.now()
    if state is None:
        return
    services.log.append([token_checked(Recorder(configuration.organization.name, None, None), state, now)])
    reached(CrashPoint.AFTER_CREDENTIAL_RECORD)
    found = concerns(state, now)
    lacking = [each for each in found if each.kind is ConcernKind.LACKING_PERMISSIONS]
    if lacking and stage is not Stage.OBSERVE:
        raise CredentialsRejected(f"the credential from {state.source}: {lacking[0].found}", remedy=lacking[0].remedy)
    for concern in found:
        get_run_logger().warning("The credential from %s: %s. %s", state.source, concern.found, concern.remedy)
