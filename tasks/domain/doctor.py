"""
What is well, what is not, and what to do about it: judged from what was found, never from a guess.

What cannot be found out is no health: an examination that fails is a defect, and one that the code host or the store
does not let us make is a warning that says so.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from config.schema import Landing, MergeMethod, Stage
from tasks.domain.credentials import SecretFound, secret_concerns
from tasks.domain.errors import MergeHubError
from tasks.domain.examined import (
    BucketFound,
    ChatFound,
    DirectoryFound,
    GatesFound,
    GitFound,
    HomeFound,
    LeftoversFound,
    LogFound,
    MailFound,
    PrefectFound,
    SealFound,
)

CODE_HOST = "code host"
REPOSITORY = "repository "

LEAST_GIT = (2, 38)
"""The first that merges without a working tree (`merge-tree --write-tree`)."""

LEAST_FREE_BYTES = 200 * 2**20
COMFORTABLE_FREE_BYTES = 2 * 2**30

_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


class Status(StrEnum):
    OK = "ok"
    WARNING = "warning"
    DEFECT = "defect"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """`found` is a clause that says what there is; `remedy` is empty where there is nothing to do."""

    name: str
    status: Status
    found: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Landings:
    """How a team's pull requests land on `target`, as far as a repository must allow it."""

    team: str
    target: str
    stage: Stage
    landing: Landing
    method: MergeMethod


def ok(name: str, found: str) -> Check:
    return Check(name, Status.OK, found)


def failed(name: str, error: MergeHubError) -> Check:
    return Check(name, Status.DEFECT, error.message, error.remedy)


def told_once(checks: Sequence[Check]) -> tuple[Check, ...]:
    """What is wrong with the code host itself is not said again of each repository, of which nothing is known then."""
    host = next((check for check in checks if check.name == CODE_HOST and check.status is Status.DEFECT), None)
    if host is None:
        return tuple(checks)
    silent = [check for check in checks if check.name.startswith(REPOSITORY) and check.found == host.found]
    if not silent:
        return tuple(checks)
    at = checks.index(silent[0])
    instead = Check("repositories", Status.SKIPPED, f"{len(silent)} could not be looked at: see the {CODE_HOST}")
    others = [check for check in checks if check not in silent]
    return (*others[:at], instead, *others[at:])


def judge_configuration(teams: int, repositories: int, warnings: int) -> Check:
    found = f"{teams} teams, {repositories} repositories"
    if not warnings:
        return ok("configuration", found)
    remedy = "Run `merge-hub config check`, which names them."
    return Check("configuration", Status.WARNING, f"{found}, {warnings} warnings", remedy)


def judge_git(git: GitFound) -> Check:
    number = re.search(r"(\d+)\.(\d+)", git.version)
    least = ".".join(map(str, LEAST_GIT))
    remedy = f"Install git {least} or newer on this machine."
    if number is None:
        return Check("git", Status.DEFECT, git.version or "there is no git on the PATH", remedy)
    if (int(number[1]), int(number[2])) < LEAST_GIT:
        return Check("git", Status.DEFECT, f"{git.version}, and {least} is needed", remedy)
    return ok("git", git.version)


def judge_home(home: HomeFound) -> Check:
    free = f"{home.free_bytes / 2**30:.1f} GiB free"
    where = home.path if home.exists else f"{home.path}, which the first run makes"
    if not home.writable:
        remedy = "Grant write access there, or set MERGE_HUB_HOME to a place that has it."
        return Check("home", Status.DEFECT, f"nothing can be written to {home.path}", remedy)
    remedy = "Free space there, or set MERGE_HUB_HOME to a place that has more."
    if home.free_bytes < LEAST_FREE_BYTES:
        return Check("home", Status.DEFECT, f"{where}: {free}", remedy)
    if home.free_bytes < COMFORTABLE_FREE_BYTES:
        return Check("home", Status.WARNING, f"{where}: {free}", remedy)
    return ok("home", f"{where}: {free}")


def judge_gates(gates: GatesFound, without_network: int) -> Check:
    """`without_network` is how many are configured to have none."""
    remedy = "Allow namespaces on this machine (sysctl user.max_user_namespaces, the container's seccomp)."
    if without_network and not gates.without_network:
        found = f"{without_network} are to have no network, and this machine cannot see to it"
        return Check("gates", Status.DEFECT, found, remedy)
    if not gates.apart:
        found = "this machine has no namespaces for them: they may read what the hub's user may"
        return Check("gates", Status.WARNING, found, f"{remedy} Else let that user have nothing of worth.")
    return ok("gates", "they see no process, no credential and no record of others")


def judge_signatures(version: str | None, *, needed: bool) -> Check:
    """`version` is what OpenSSH calls itself, None where it is not there; whether anything `needed` is signed."""
    if not needed:
        return Check("signatures", Status.SKIPPED, "nobody has to sign a plan")
    if version is None:
        remedy = "Install OpenSSH's client on this machine (Debian: openssh-client)."
        return Check("signatures", Status.DEFECT, "there is no ssh-keygen, so that no signature can be checked", remedy)
    return ok("signatures", f"checked by {version}")


def judge_pauses(told: Sequence[str]) -> Check:
    if not told:
        return ok("pauses", "none")
    remedy = "Nothing, where that is meant; else `merge-hub resume`, or take `pause` out of the file."
    return Check("pauses", Status.WARNING, "; ".join(told), remedy)


def judge_leftovers(leftovers: LeftoversFound) -> Check:
    parts = [
        f"{len(left)} {what}"
        for what, left in (("workspaces", leftovers.workspaces), ("files in mirrors", leftovers.in_mirrors))
        if left
    ]
    if not parts:
        return ok("leftovers", "none")
    found = f"{' and '.join(parts)} of processes that died"
    return Check("leftovers", Status.WARNING, found, "Nothing: the next run that lands removes them.")


def judge_directory(directory: DirectoryFound) -> Check:
    if not directory.writable:
        remedy = "Let the account of merge-hub write the directory (`audit.storage.path`)."
        return Check("evidence", Status.DEFECT, f"nothing can be written to {directory.path}", remedy)
    where = directory.path if directory.exists else f"{directory.path}, which the first run makes"
    return ok("evidence", f"{where}; a directory does not keep its owner from deleting")


def judge_bucket(bucket: BucketFound, retention_days: int) -> Check:
    name, where = "evidence", bucket.location
    if bucket.locks is False or bucket.versioned is False:
        lacking = "Object Lock" if bucket.locks is False else "versions"
        remedy = "Make a bucket with Object Lock enabled, and name it in `audit.storage.bucket`."
        return Check(name, Status.DEFECT, f"{where} has no {lacking}: evidence could be deleted", remedy)
    if bucket.locks is None:
        remedy = "Grant s3:GetBucketObjectLockConfiguration and s3:GetBucketVersioning to merge-hub's role to see it."
        return Check(name, Status.WARNING, f"{where} is there; whether it locks is not to be seen", remedy)
    if bucket.days is not None and bucket.days < retention_days:
        found = f"{where} locks for {bucket.days} days where nothing else is said, less than {retention_days}"
        remedy = f"merge-hub locks its own for {retention_days} days; raise the bucket's default to as many."
        return Check(name, Status.WARNING, found, remedy)
    if bucket.mode == "GOVERNANCE":
        found = f"{where} locks in GOVERNANCE mode where nothing else is said"
        return Check(
            name, Status.WARNING, found, "merge-hub locks its own in COMPLIANCE mode; let the default be that."
        )
    return ok(name, f"{where} has Object Lock; each object is locked for {retention_days} days")


def judge_mail(mail: MailFound) -> Check:
    how = "encrypted" if mail.encrypted else "not encrypted"
    found = f"{mail.server} answers, {how}{', and takes the password' if mail.logged_in else ''}"
    return ok("mail", found)


def judge_chat(chat: ChatFound) -> Check:
    found = f"{chat.host} is reached; nothing was posted"
    if chat.encrypted or chat.host in _THIS_MACHINE:
        return ok("Slack", found)
    remedy = "Use an address that begins with https://: whoever reads it on its way can post as well."
    return Check("Slack", Status.WARNING, f"{found}, and the address is not encrypted", remedy)


def judge_secrets(secrets: Sequence[SecretFound]) -> Check:
    """All of them in one line, each with where it is and for how long."""
    if not secrets:
        return Check("secrets", Status.SKIPPED, "none but the code host's is needed")
    told, remedies = [], []
    for secret in secrets:
        concerns = secret_concerns(secret)
        age = "its place does not tell since when" if secret.age_days is None else f"{secret.age_days} days old"
        told.append(
            f"{secret.name} is there, from {secret.source}, {'; '.join(each.found for each in concerns) or age}"
        )
        remedies += [f"{each.remedy} ({secret.name})" for each in concerns]
    return Check("secrets", Status.WARNING if remedies else Status.OK, "; ".join(told), " ".join(remedies))


def judge_seal(seal: SealFound, *, locked: bool) -> Check:
    """`locked`: evidence is kept where nobody can change it, so that keys beside the hub are its weakest part."""
    keys = "the first run makes them" if seal.keys is None else f"{len(seal.keys)} keys of Ed25519"
    found, remedies = f"the log is signed with keys in {seal.place}: {keys}", []
    if seal.on_this_machine and locked:
        remedies.append("Keep them in Vault or AWS KMS (`audit.sealing.keys`): who has this machine can sign for it.")
    if not seal.outside and locked:
        found += "; nobody outside sees a checkpoint"
        remedies.append("Name an authority (`audit.sealing.anchor`) or a second store (`audit.copies`).")
    return Check("seal", Status.WARNING if remedies else Status.OK, found, " ".join(remedies))


def judge_prefect(prefect: PrefectFound) -> Check:
    if prefect.address is None:
        return ok("Prefect", "none is set up: each command starts its own and ends it")
    return ok("Prefect", f"{prefect.address} answers")


def judge_log(log: LogFound) -> Check:
    name = "audit log"
    if log.newest is None:
        return ok(name, f"{log.place}: nothing was recorded yet")
    found = f"{log.place}: {log.size} events, the newest of {log.newest:%Y-%m-%dT%H:%M:%SZ}"
    open_ends = [
        f"{count} {what}"
        for count, what in (
            (log.announced, "landings announced and not concluded"),
            (log.unconfirmed, "messages announced and not confirmed"),
            (log.size - log.exported, "events not exported as evidence"),
        )
        if count
    ]
    if not open_ends:
        return ok(name, f"{found}, all of it exported")
    remedy = "Run again: the next run concludes what a dead one began. If one runs now, look again after it."
    return Check(name, Status.WARNING, f"{found}; {', '.join(open_ends)}", remedy)
