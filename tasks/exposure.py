"""What nobody outside has seen of the log, and the alert where it could not be sealed or shown to them."""

from collections.abc import Callable
from contextlib import suppress

from config.schema import Configuration
from tasks.checkpoints import last_anchor, noted_tree
from tasks.domain.audit import Event
from tasks.domain.errors import EvidenceError, MergeHubError
from tasks.domain.exposure import Exposure, unanchored_event, unsealed_event
from tasks.domain.records import Recorder
from tasks.domain.signed_note import NoteRefused
from tasks.domain.time_stamp import moment_in
from tasks.ports import Services


def exposure_of(services: Services) -> Exposure:
    """What the store does not tell counts as not seen."""
    size = services.log.size()
    with suppress(EvidenceError, NoteRefused):
        if (anchor := last_anchor(size, services.evidence)) is not None:
            return Exposure(size, anchor[0], moment_in(services.evidence.get(anchor[1])))
    return Exposure(size)


def alert_unsealed(configuration: Configuration, error: MergeHubError, services: Services) -> None:
    _alert(configuration, error, services, unsealed_event, noted_tree(services.home).size)


def alert_unanchored(configuration: Configuration, error: MergeHubError, services: Services) -> None:
    _alert(configuration, error, services, unanchored_event, exposure_of(services).anchored)


def _alert(
    configuration: Configuration,
    error: MergeHubError,
    services: Services,
    make: Callable[[Recorder, MergeHubError, int], Event],
    since: int,
) -> None:
    """Once for as long as nothing is sealed, or shown, beyond `since`; where the log takes nothing, the run tells."""
    with suppress(MergeHubError):
        services.log.append([make(Recorder(configuration.organization.name, None, None), error, since)])
