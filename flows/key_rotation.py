"""A key of the log replaced: recorded by both, sealed by both, then used alone."""

from dataclasses import replace
from typing import Any

from flows.wiring.rotating import open_rotation
from tasks.domain.rotation import Role
from tasks.rotating import handing_over, rotate_key
from tasks.sealing import seal_now


def rotate(role: Role, to: str | None) -> dict[str, Any]:
    """What was recorded, which checkpoint both have signed, and what is left to do."""
    with open_rotation(role, to) as opened:
        services = opened.run.services
        rotation = rotate_key(role, opened.new, opened.seal, opened.run.configuration, services.log)
        checkpoint = seal_now(replace(services, seal=handing_over(role, opened.new, opened.seal)))
        left = opened.finish()
    return {**rotation.document(), "checkpoint": None if checkpoint is None else checkpoint.key, "next": left}
