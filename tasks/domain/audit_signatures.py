"""Who signed what, as an audit report tells it: every plan that people were asked about, and each signature on it."""

from collections.abc import Iterator, Sequence

from tasks.domain.audit import Event, EventType
from tasks.domain.escaping import for_markdown
from tasks.domain.sign_off_records import SIGN_OFF_EVENTS

ROLES = ("Platform Lead", "Security Lead", "Compliance Officer")


def signature_lines(events: Sequence[Event]) -> Iterator[str]:
    """
    `events` are those that the report covers.

    What a landing rested on is among its grounds; here is what was asked for and given, whether or not it counted.
    """
    told = [event for event in events if event.type in SIGN_OFF_EVENTS]
    if not told:
        yield "Not collected: merge-hub asked nobody to sign what this report covers, and this report is no signature."
        yield ""
        yield from (f"- {role}: not collected" for role in ROLES)
        return
    yield "By OpenSSH signatures, which are in the audit log with the documents that they are over."
    yield ""
    yield from (f"- {_line(event)}" for event in told)


def _line(event: Event) -> str:
    plan, data = f"plan `{event.subject['plan']}`", event.data
    match event.type:
        case EventType.SIGNATURE_GIVEN:
            role, who = str(event.subject["role"]), for_markdown(str(data["principal"]))
            return f"{for_markdown(role)}: **signed by {who}** at {event.time}, {plan} (event {event.seq})"
        case EventType.SIGNATURE_VOIDED:
            return f"{plan} and every signature on it void at {event.time}: {for_markdown(str(data['because']))}"
        case _:
            numbers = " ".join(f"#{each['number']}" for each in _dicts(data["members"]))
            roles = ", ".join(for_markdown(str(role)) for role in _items(data["roles"]))
            return f"{plan} of {numbers} needs the signatures of {roles}, asked for at {event.time}"


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _dicts(value: object) -> list[dict[str, object]]:
    return [each for each in _items(value) if isinstance(each, dict)]
