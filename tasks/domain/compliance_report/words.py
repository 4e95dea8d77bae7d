"""The page of a report: its figures first, then what is open, then what both rest on."""

from collections.abc import Iterator, Sequence

from tasks.domain.compliance_report.completeness import Compared
from tasks.domain.compliance_report.controls import ControlResult, Result, Status
from tasks.domain.compliance_report.duties import Pair
from tasks.domain.compliance_report.events_words import event_parts
from tasks.domain.compliance_report.page import Mark, Page, Part, Tile, Tone, minute, plain, short, table
from tasks.domain.compliance_report.population import Change, Standing
from tasks.domain.compliance_report.report import PeriodReport
from tasks.domain.compliance_report.score import counted
from tasks.domain.run import EVERY_TEAM

ROLES = ("platform-lead", "security-lead", "compliance-officer")
"""Who signs a report, as the mission has it."""

_TONES = {Status.SATISFIED: Tone.GOOD, Status.NOT_SATISFIED: Tone.BAD, Status.NOT_TESTED: Tone.OPEN}
_STANDINGS = {Standing.COMPLIANT: Tone.GOOD, Standing.NOT_COMPLIANT: Tone.BAD, Standing.NOT_JUDGED: Tone.OPEN}


def page_of(report: PeriodReport) -> Page:
    return Page(
        title=f"Compliance report {report.scope.period.name}",
        scope=tuple(_scope(report)),
        tiles=tuple(_tiles(report)),
        parts=tuple(_parts(report)),
    )


def headline(report: PeriodReport) -> str:
    """One line, as a subject of a mail says it."""
    score, scope = report.score, report.scope
    whose = "" if scope.team == EVERY_TEAM else f" of {scope.team}"
    figure = "not reconciled, no score" if score.percent is None and score.changes else score.told
    of = f" ({score.met} of {score.counted})" if score.counted else ""
    return f"Compliance{whose} {scope.period.name}: {figure}{of}, {counted(len(report.findings), 'open finding')}"


def _scope(report: PeriodReport) -> Iterator[str]:
    scope = report.scope
    whose = "all teams" if scope.team == EVERY_TEAM else f"team {scope.team}"
    yield f"{scope.organization}, {whose}. {scope.period.told} UTC, the end not included."
    if not scope.over:
        yield f"The period was not over: the last event known is of {minute(scope.log.as_of)} UTC."
    yield f"From the first {scope.log.size} events of the log {scope.log.origin}, whose root is {scope.log.root}."


def _tiles(report: PeriodReport) -> Iterator[Tile]:
    score, complete = report.score, report.completeness
    whole = score.counted and score.met == score.counted
    tone = Tone.GOOD if whole else Tone.BAD if score.counted else Tone.OPEN
    yield Tile("Compliance score", score.told, f"{score.met} of {score.counted}, counted", tone)
    rollbacks = f"{counted(score.rollbacks, 'rollback')} beside" if score.rollbacks else "no rollbacks"
    yield Tile("Changes landed", str(score.changes), rollbacks)
    exceptions = len(report.exceptions)
    yield Tile("Not compliant", str(exceptions), "of the changes on record", Tone.BAD if exceptions else Tone.GOOD)
    coverage = "not reconciled" if score.reconciled == 0 else f"{score.coverage:g} %"
    told = f"{score.reconciled} of {score.changes} changes" if score.changes else "nothing landed"
    yield Tile("Reconciled", coverage if score.changes else "none", told, Tone.OPEN if complete.not_compared else None)
    outside = complete.outside
    yield Tile("Past the hub", str(outside), "found on target branches", Tone.BAD if outside else None)
    open_ = len(report.findings)
    yield Tile("Open findings", str(open_), "each with who can close it", Tone.BAD if open_ else Tone.GOOD)


def _parts(report: PeriodReport) -> Iterator[Part]:
    yield _findings(report)
    yield Part("How the score is computed", report.score.explained)
    yield _completeness(report)
    yield _bypasses(report)
    yield _controls(report)
    yield _exceptions(report)
    yield _duties(report)
    yield from event_parts(report)
    yield _population(report)
    yield _sample(report)
    yield _signatures(report)


def _findings(report: PeriodReport) -> Part:
    rows = [
        (Mark(each.kind.value, Tone.BAD), each.where, each.what, minute(each.since), plain(each.closed_by))
        for each in report.findings
    ]
    heads = ("Finding", "Where", "What", "Since", "Closed when")
    return Part("Open findings", (), table(*heads, rows=rows, where="report.json"), "Nothing is open.")


def _completeness(report: PeriodReport) -> Part:
    complete = report.completeness
    lines = ["Each target branch is compared with the log; what is on it and in no record is listed, whoever made it."]
    if complete.not_compared:
        lines.append(f"Not reconciled since the last landing: {', '.join(complete.not_compared)}.")
    heads = ("Branch", "Commits", "By the hub", "By people, compliant", "By robots", "Emergencies", "Unaccounted for")
    rows = [_branch(each) for each in complete.branches]
    found = table(*heads, "Updates follow on", rows=rows, numbers=range(1, 7), where="report.json")
    nothing = "Not reconciled: no branch was compared with the log in this period."
    return Part("Completeness of the population", tuple(lines), found, nothing)


def _branch(compared: Compared) -> tuple[str | Mark, ...]:
    loose = len(compared.unaccounted) + compared.unlisted
    counts = (str(each) for each in compared.accounted)
    follows = Mark("yes", Tone.GOOD) if compared.chain_ok else Mark("no", Tone.BAD)
    unaccounted = Mark(str(loose), Tone.BAD) if loose else "0"
    return (f"{compared.repository} {compared.ref}", str(compared.commits), *counts, unaccounted, follows)


def _bypasses(report: PeriodReport) -> Part:
    rows = [
        (
            f"{each.repository} {each.ref}",
            short(each.what),
            each.kind,
            each.actor or "unknown",
            minute(each.found_at),
            Mark("nobody", Tone.BAD) if each.justified_by is None else f"{each.justified_by}: {each.reason}",
        )
        for each in report.completeness.bypasses
    ]
    heads = ("Branch", "Commit", "What", "By", "Found", "Justified by")
    return Part("Past the hub", (), table(*heads, rows=rows, where="report.json"), "No bypass is on record.")


def _controls(report: PeriodReport) -> Part:
    heads = ("Control", "Status", "Rules", "Changes", "Met", "Waived", "Not met", "Not shown", "Sample")
    line = (
        "On how many changes each control was tested. Not shown are changes without a decision on record, and what "
        "landed past the hub. A sample follows from the root of the log: nobody chose it."
    )
    rows = [_control(each) for each in report.controls]
    found = table(*heads, rows=rows, numbers=range(3, 8), where="report.json")
    return Part("Controls", (line,), found, "No decision on record names a control.")


def _control(result: ControlResult) -> tuple[str | Mark, ...]:
    counts = result.counts
    not_shown = counts[Result.WITHOUT_EVIDENCE] + result.outside
    return (
        result.control,
        Mark(result.status.value, _TONES[result.status]),
        ", ".join(result.rules),
        str(result.tested),
        str(counts[Result.MET]),
        str(counts[Result.WAIVED]),
        str(counts[Result.NOT_MET]),
        str(not_shown),
        ", ".join(each.named for each in result.sample) or "none",
    )


def _exceptions(report: PeriodReport) -> Part:
    rows = [(each.named, each.title, minute(each.landed_at), "; ".join(each.against)) for each in report.exceptions]
    found = table("Change", "Title", "Landed", "Why", rows=rows, where="population.csv")
    return Part("Changes that are not compliant", (), found, "None of the changes on record.")


def _duties(report: PeriodReport) -> Part:
    rows = [_pair(each) for each in report.duties.pairs]
    lines = ["Changes that have somebody for both duties, and by how many different people did them."]
    nobody = [f"{count} without {duty.value}" for duty, count in report.duties.nobody if count]
    if nobody:
        lines.append(f"Of {report.score.changes} changes: {', '.join(nobody)}.")
    heads = ("Duties", "Changes with both", "Different people", "The same person", "Which")
    found = table(*heads, rows=rows, numbers=range(1, 4), where="report.json")
    return Part("Separation of duties", tuple(lines), found)


def _pair(pair: Pair) -> tuple[str | Mark, ...]:
    count, which = len(pair.shared), [f"{change.named} ({', '.join(people)})" for change, people in pair.shared[:10]]
    more = [f"and {count - 10} more"] if count > 10 else []  # noqa: PLR2004 -- as many as a cell can show
    shared = Mark(str(count), Tone.BAD if pair.forbidden else Tone.OPEN) if count else "0"
    told = "; ".join([*which, *more])
    return (f"{pair.first} and {pair.second}", str(pair.both), str(pair.distinct), shared, told)


def _population(report: PeriodReport) -> Part:
    heads = ("Change", "Title", "Kind", "Standing", "Author", "Approved by", "Landed", "Commit", "Event")
    found = table(*heads, rows=_change_rows(report.changes), numbers=[8], where="population.csv")
    return Part("The population", (), found, "Nothing landed in this period.")


def _change_rows(changes: Sequence[Change]) -> list[tuple[str | Mark, ...]]:
    return [
        (
            each.named,
            each.title,
            each.kind.value,
            Mark(each.standing.value, _STANDINGS[each.standing]),
            each.author or "unknown",
            ", ".join(each.approvers) or "nobody",
            minute(each.landed_at),
            short(each.commit),
            str(each.seq),
        )
        for each in changes
    ]


def _sample(report: PeriodReport) -> Part:
    line = (
        f"{len(report.sample)} of {report.score.changes} changes were drawn: those whose SHA-256 over the root, the "
        "word `sample` and the event's id, a line each, comes first. The evidence pack holds all there is of each, "
        "and how to verify it."
    )
    return Part(
        "Sample",
        (plain(line),),
        table("Change", "Event", rows=[(each.named, short(each.event)) for each in report.sample]),
    )


def _signatures(report: PeriodReport) -> Part:
    line = (
        "Signed off with the persons' own SSH keys over the digest of report.json, the size and the root of the log: "
        "`merge-hub report sign`. Who has signed by now is in the log, as `merge-hub report list` shows."
    )
    rows = [(role, f"merge-hub report sign {report.scope.period.name} --role {role}") for role in ROLES]
    return Part("Signatures", (plain(line),), table("Role", "Signs with", rows=rows))
