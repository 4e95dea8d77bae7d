"""What a run leaves on the disk for people to read is kept for the latest runs only; what proves anything, for ever."""

from tests.flows.hub import Hub


def test_documents_of_older_runs_go_and_evidence_and_the_log_stay(hub: Hub) -> None:
    api = hub.organization.repository("api")
    hub.config.team("team-a", api)
    hub.config.global_["execution"] = {"keep_runs": 2}
    runs = []
    for number in range(3):
        api.pull_request(f"topic-{number}")
        runs.append(str(hub.run().document["run_id"]))
        if number == 0:
            proofs, log = hub.evidence(), hub.log_bytes()

    assert sorted(folder.name for folder in (hub.home / "runs").iterdir()) == sorted(runs[1:])
    assert proofs.items() <= hub.evidence().items()
    assert hub.log_bytes().startswith(log)
    assert hub.leftovers() == []
