"""A checkpoint is shown to somebody outside once, and what they say of it is seen by whoever verifies."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tasks.adapters.evidence_local import LocalEvidence
from tasks.adapters.time_stamps import HttpTimeStamps
from tasks.anchoring import anchor_log
from tasks.domain.errors import AnchoringFailed
from tasks.domain.time_stamp import roots_in
from tasks.ports import Anchoring, Services
from tasks.sealing import seal_log
from tasks.verification import Trust, Verified, verify_store
from tests.domain.chronicle import Story, held
from tests.tasks.authority import Authority, needs_openssl, serving
from tests.tasks.evidence_of_landings import lands
from tests.tasks.office import Office

pytestmark = needs_openssl


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    with serving(tmp_path / "authority") as served:
        yield served


@dataclass(frozen=True)
class Desk:
    """The office, with an authority and a second store."""

    office: Office
    authority: Authority
    copies: Path

    @property
    def services(self) -> Services:
        stamps = HttpTimeStamps(self.authority.address, self.authority.certificates)
        anchoring = Anchoring(stamps, timedelta(minutes=5), LocalEvidence(self.copies))
        return replace(self.office.services, seal=replace(self.office.seal, anchoring=anchoring))

    def seals(self) -> None:
        seal_log.fn(self.services)
        anchor_log.fn(self.services)

    def anchors(self) -> list[str]:
        return [key for key in self.office.evidence() if key.startswith("anchors/")]

    def verified(self, *, trusting: bool = True) -> Verified:
        keys = (self.office.seal.log.key, self.office.seal.attest.key)
        roots = roots_in(self.authority.certificates.read_bytes()) if trusting else ()
        return verify_store(self.office.services.evidence, Trust(keys, {}, roots))


@pytest.fixture
def desk(office: Office, authority: Authority, tmp_path: Path) -> Desk:
    return Desk(office, authority, tmp_path / "copies")


def test_a_checkpoint_is_stamped_and_copied_and_both_hold(desk: Desk, story: Story) -> None:
    lands(desk.office, story, 1)
    desk.seals()
    (key,) = desk.anchors()
    checkpoint = desk.office.evidence()["checkpoints/000000000003.txt"]
    verified = desk.verified()

    assert desk.authority.accepts(desk.office.evidence()[key], checkpoint)
    assert (desk.copies / "checkpoints/000000000003.txt").read_bytes() == checkpoint
    assert verified.flaws == ()
    assert verified.anchor is not None
    assert (verified.anchor.size, verified.document()["events_not_anchored"]) == (3, 0)


def test_what_is_anchored_already_is_not_anchored_again(desk: Desk, story: Story) -> None:
    lands(desk.office, story, 1)
    desk.seals()
    before = desk.office.evidence()
    desk.seals()

    assert (desk.office.evidence(), desk.authority.asked) == (before, 1)


def test_a_stamp_that_is_young_enough_does_for_now_and_what_it_does_not_cover_is_told(desk: Desk, story: Story) -> None:
    lands(desk.office, story, 1)
    desk.seals()
    stamped = desk.verified().anchor
    assert stamped is not None
    desk.office.clock.moment = stamped.at + timedelta(minutes=4)
    story.stops(2, held())
    desk.seals()
    meanwhile = desk.verified()
    desk.office.clock.moment = stamped.at + timedelta(minutes=5)
    desk.seals()

    assert meanwhile.document()["events_not_anchored"] == 1
    assert [key[:20] for key in desk.anchors()] == ["anchors/000000000003", "anchors/000000000004"]


def test_every_byte_of_an_anchor_that_changes_is_found(desk: Desk, story: Story) -> None:
    lands(desk.office, story, 1)
    desk.seals()
    path = desk.office.folder / "evidence" / desk.anchors()[0]
    token = path.read_bytes()
    path.chmod(0o644)
    unseen = []
    for at in range(0, len(token), 7):
        path.write_bytes(token[:at] + bytes([token[at] ^ 1]) + token[at + 1 :])
        if not desk.verified().flaws:
            unseen.append(at)

    assert unseen == []


def test_an_anchor_of_another_checkpoint_is_found_though_an_authority_made_it(desk: Desk, story: Story) -> None:
    lands(desk.office, story, 1)
    desk.seals()
    (key,) = desk.anchors()
    story.stops(2, held())
    seal_log.fn(desk.services)
    folder = desk.office.folder / "evidence"
    shutil.copy(folder / key, folder / key.replace("000000000003", "000000000004"))

    assert ["anchors nothing" in each.message for each in desk.verified().flaws] == [True]


def test_without_the_certificates_an_anchor_is_not_believed(desk: Desk, story: Story) -> None:
    lands(desk.office, story, 1)
    desk.seals()

    assert [each.message for each in desk.verified(trusting=False).flaws] == [
        "Whether it was stamped cannot be told: give the authority's certificates."
    ]


@pytest.mark.parametrize("answer", [b"", b"no token", b"\x30\x03\x02\x01\x00"])
def test_what_is_no_stamp_is_not_kept(desk: Desk, story: Story, answer: bytes) -> None:
    lands(desk.office, story, 1)
    desk.authority.answers_with = answer

    with pytest.raises(AnchoringFailed, match="stamped no time"):
        desk.seals()
    assert desk.anchors() == []


def test_an_authority_that_nobody_vouches_for_is_not_believed(desk: Desk, story: Story, tmp_path: Path) -> None:
    lands(desk.office, story, 1)
    with serving(tmp_path / "another") as another:
        shutil.copy(another.certificates, desk.authority.certificates)

        with pytest.raises(AnchoringFailed, match="no authority that is trusted"):
            desk.seals()


def test_an_authority_that_does_not_answer_is_asked_by_the_next_run(desk: Desk, story: Story) -> None:
    lands(desk.office, story, 1)
    seal_log.fn(desk.services)
    address, desk.authority.address = desk.authority.address, "http://127.0.0.1:9/"
    with pytest.raises(AnchoringFailed, match="ConnectionError"):
        anchor_log.fn(desk.services)
    desk.authority.address = address
    desk.seals()

    assert len(desk.anchors()) == 1
