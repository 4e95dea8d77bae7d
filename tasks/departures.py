"""The one way to record what people did with what the hub judged and does not land itself."""

from config.schema import Stage
from tasks.domain.model import Snapshot
from tasks.domain.promotion import OF_ROLLOUT, departed_event, gone_since
from tasks.domain.rules import Rules
from tasks.ports import Services
from tasks.recording import recorder_for


def record_departures(rules: Rules, snapshot: Snapshot, services: Services) -> None:
    """Where a team is at `gate`; a request or two, and none where nothing has gone."""
    if rules.stage is not Stage.GATE:
        return
    history = services.log.events(repository_id=snapshot.repository_id, types=OF_ROLLOUT)
    gone = gone_since(history, snapshot)
    if not gone:
        return
    states, recorder = services.code_host.related(gone), recorder_for(rules, snapshot)
    numbers = [reference.number for reference in gone]
    read = services.code_host.reread(snapshot.repository, snapshot.repository_id, numbers)
    of_number = {reference.number: state for reference, state in states.items()}
    events = [departed_event(recorder, pull, of_number[pull.number]) for pull in read if pull.number in of_number]
    services.log.append([event for event in events if event is not None])
