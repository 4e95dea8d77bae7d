"""What somebody let pass, as an audit report counts and names it."""

from collections.abc import Iterator, Sequence

from tasks.domain.audit import Event, EventType
from tasks.domain.escaping import for_markdown


def waiver_lines(events: Sequence[Event]) -> Iterator[str]:
    """`events` are those that the report covers; nothing where nothing was let pass."""
    used = [event for event in events if event.type is EventType.WAIVER_USED]
    if used:
        yield ""
        yield f"**Waivers used: {len(used)}**"
        yield ""
        yield from (f"- {_line(event)}" for event in used)
    emergencies = [event for event in events if event.type in _OF_EMERGENCIES]
    if emergencies:
        yield ""
        yield f"**Emergencies: {sum(event.type is EventType.EMERGENCY_USED for event in emergencies)}**"
        yield ""
        yield from (f"- {_emergency(event)}" for event in emergencies)


_OF_EMERGENCIES = frozenset({EventType.EMERGENCY_USED, EventType.EMERGENCY_REVIEWED})


def _emergency(event: Event) -> str:
    number, data = event.subject["pull_request"], event.data
    if event.type is EventType.EMERGENCY_REVIEWED:
        return f"#{number}: reviewed after it landed by {for_markdown(str(data['reviewer']))} ({data['state']})"
    others, passed = (", ".join(for_markdown(str(each)) for each in _items(data[name])) for name in ("others", "rules"))
    asked = for_markdown(str(data["asked_by"])) if data["asked_by"] else "its description"
    why = for_markdown(str(data["reason"]))
    return f"#{number}: {passed} let pass, asked for by {asked}, with {others}: {why}; a review is owed once it lands"


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _line(event: Event) -> str:
    data = event.data
    rule, waiver, ticket = (for_markdown(str(each)) for each in (data["rule"], event.subject["waiver"], data["ticket"]))
    people = (
        f"asked for by {for_markdown(str(data['requested_by']))}, allowed by {for_markdown(str(data['approved_by']))}"
    )
    why = for_markdown(str(data["reason"]))
    return f"#{event.subject['pull_request']}: {rule} by {waiver} ({ticket}), {people} until {data['expires']}: {why}"
