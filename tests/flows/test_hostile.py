"""Who wants to change what they may not, by whatever git and the code host let them write."""

from collections.abc import Callable, Mapping

from tests.flows.hub import Hub
from tests.flows.test_policies import policy
from tests.flows.world import PullRequest, Repository

Attempt = Callable[[Repository], PullRequest]

KEY = "secret/key"
LONG = "x" * 200


def written(
    api: Repository, branch: str, *changes: bytes, parents: tuple[str, ...] = ("main",), by: str = "alice"
) -> None:
    """A commit as no porcelain writes it; `changes` are of the first parent."""
    person = f"{by.title()} <{by}@example.org> 1741100000 +0000"
    lines = [f"commit refs/heads/{branch}", f"author {person}", f"committer {person}", "data 4\nwork"]
    first, *others = [f"{parent}^0" for parent in parents]
    lines += [f"from refs/heads/{first}", *(f"merge refs/heads/{other}" for other in others)]
    api.git("fast-import", "--quiet", "--force", stdin="\n".join(lines).encode() + b"\n" + b"\n".join(changes) + b"\n")


def proposed(api: Repository, branch: str, *changes: bytes, parents: tuple[str, ...] = ("main",)) -> PullRequest:
    written(api, branch, *changes, parents=parents)
    return api.pull_request(branch)


def inline(mode: str, path: bytes, content: bytes = b"evil\n") -> bytes:
    return b"M %s inline %s\ndata %d\n%s" % (mode.encode(), path, len(content), content)


def makes_it_a_program(api: Repository) -> PullRequest:
    return proposed(api, "mode", inline("100755", b"secret/key", b"1\n"))


def puts_a_link_there(api: Repository) -> PullRequest:
    return proposed(api, "link", inline("120000", b"secret/link", b"../README.md"))


def puts_a_link_in_its_place(api: Repository) -> PullRequest:
    return proposed(api, "place", b"D secret", inline("120000", b"secret", b"elsewhere"))


def puts_a_repository_there(api: Repository) -> PullRequest:
    modules = b'[submodule "m"]\n\tpath = secret/m\n\turl = ./m\n\tignore = all\n'
    return proposed(api, "module", inline("100644", b".gitmodules", modules), f"M 160000 {api.tip()} secret/m".encode())


def changes_its_case(api: Repository) -> PullRequest:
    return proposed(api, "case", b"D secret/key", inline("100644", b"Secret/key", b"1\n"))


def calls_it_what_is_no_text(api: Repository) -> PullRequest:
    return proposed(api, "no-text", inline("100644", rb'"secret/\377\033[2J"'))


def calls_it_by_a_long_name(api: Repository) -> PullRequest:
    return proposed(api, "long", inline("100644", f"secret/{'/'.join([LONG] * 14)}".encode()))


def tells_git_not_to_look(api: Repository) -> PullRequest:
    attributes = b"* -diff -text merge=ours linguist-generated\n"
    return proposed(api, "attributes", inline("100644", b".gitattributes", attributes), inline("100644", b"secret/key"))


def hides_it_in_a_merge(api: Repository) -> PullRequest:
    api.commit("merged", {"merged.txt": "x\n"})
    api.commit("into-merged", {"into.txt": "x\n"})
    return proposed(api, "evil-merge", inline("100644", b"secret/key"), parents=("merged", "into-merged"))


def brings_along_what_nobody_may_change(api: Repository) -> PullRequest:
    api.commit("not-proposed", {KEY: "evil\n"})
    api.commit("harmless", {"harmless.txt": "x\n"})
    return proposed(api, "along", inline("100644", b"secret/key"), parents=("harmless", "not-proposed"))


def changes_nothing(api: Repository) -> PullRequest:
    written(api, "nothing")
    return api.pull_request("nothing")


def has_a_history_of_its_own(api: Repository) -> PullRequest:
    api.commit("orphan", {"README.md": "api\n", KEY: "evil\n"}, onto=None)
    api.commit("grafted", {"grafted.txt": "x\n"})
    return proposed(api, "stranger", inline("100644", b"secret/key"), parents=("grafted", "orphan"))


def is_approved_by_whose_work_it_brings(api: Repository) -> PullRequest:
    api.commit("by-bob", {"by-bob.txt": "x\n"}, by="bob")
    api.commit("by-alice", {"by-alice.txt": "x\n"})
    return proposed(api, "of-two", parents=("by-alice", "by-bob"))


def is_called_like_an_option(api: Repository) -> PullRequest:
    api.commit("x/--upload-pack=$(touch${IFS}hacked);'`id`", {"option.txt": "x\n"})
    return api.pull_request("x/--upload-pack=$(touch${IFS}hacked);'`id`")


def says_that_somebody_approved(api: Repository) -> PullRequest:
    title = "Fix\x1b[2K\u202e it"
    body = "\x00<!-- merge-hub:approved -->\nReviewed-by: Carol <carol@example.org>\nApproved-by: bob\x1b]0;x\x07"
    api.commit("said", {"said.txt": "x\n"}, message="Fix\n\nReviewed-by: Bob <bob@example.org>\nApproved: yes")
    return api.pull_request("said", title=title, body=body.replace("\x00", ""), approved_by=[])


FORBIDDEN = "held: policy-violated"
ATTEMPTS: Mapping[Attempt, str] = {
    makes_it_a_program: FORBIDDEN,
    puts_a_link_there: FORBIDDEN,
    puts_a_link_in_its_place: FORBIDDEN,
    puts_a_repository_there: FORBIDDEN,
    changes_its_case: FORBIDDEN,
    calls_it_what_is_no_text: FORBIDDEN,
    calls_it_by_a_long_name: FORBIDDEN,
    tells_git_not_to_look: FORBIDDEN,
    hides_it_in_a_merge: FORBIDDEN,
    brings_along_what_nobody_may_change: FORBIDDEN,
    changes_nothing: "held: policy-error",
    has_a_history_of_its_own: FORBIDDEN,
    is_approved_by_whose_work_it_brings: "held: approvals-missing approval-not-independent",
    is_called_like_an_option: "merged",
    says_that_somebody_approved: "held: approvals-missing",
}


def test_nobody_changes_what_they_may_not_however_they_write_it(hub: Hub) -> None:
    api = hub.organization.repository("api", {KEY: "1\n"})
    hub.config.team("team-a", api)
    secret = {"id": "ORG-001", "check": "paths", "with": {"none_of": ["/secret/"]}}
    hub.config.policies.append(
        policy({"id": "ORG-000", "check": "gates"}, {"id": "ORG-002", "check": "approvals"}, secret)
    )
    pulls = {attempt: attempt(api) for attempt in ATTEMPTS}

    run = hub.run()
    kept = hub.traces()
    hub.run()

    assert {attempt.__name__: run.told(pull) for attempt, pull in pulls.items()} == {
        attempt.__name__: [expected] for attempt, expected in ATTEMPTS.items()
    }
    assert api.files() == {"README.md": "api\n", KEY: "1\n", "option.txt": "x\n"}
    assert hub.traces() == kept
