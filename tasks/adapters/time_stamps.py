"""An authority that stamps times, over HTTP as RFC 3161 section 3.4 has it."""

from http import HTTPStatus
from pathlib import Path

import requests

from tasks.domain.errors import AnchoringFailed
from tasks.domain.signed_note import NoteRefused
from tasks.domain.time_stamp import REQUEST_TYPE, request_for, roots_in, stamped_at

_SECONDS = 15
_LARGEST = 1_000_000


class HttpTimeStamps:
    def __init__(self, address: str, certificates: Path) -> None:
        """Raises AnchoringFailed where the file has no certificates."""
        self._address = address
        try:
            self._roots = roots_in(certificates.read_bytes())
        except (OSError, ValueError) as error:
            raise AnchoringFailed(
                f"{certificates} has no certificates that could vouch for an authority: {type(error).__name__}",
                remedy="Put those of the authority's root there, as PEM (`audit.sealing.anchor.certificates`).",
            ) from error

    def stamp(self, content: bytes) -> bytes:
        try:
            answer = requests.post(
                self._address,
                data=request_for(content),
                headers={"Content-Type": REQUEST_TYPE},
                timeout=_SECONDS,
                stream=True,
            )
            token = answer.raw.read(_LARGEST, decode_content=True)
        except (requests.RequestException, OSError) as error:
            raise self._failed(type(error).__name__) from error
        if answer.status_code != HTTPStatus.OK:
            raise self._failed(f"it answered {answer.status_code}")
        try:
            stamped_at(token, content, self._roots)
        except NoteRefused as refused:
            raise self._failed(str(refused)) from refused
        return bytes(token)

    def _failed(self, why: str) -> AnchoringFailed:
        return AnchoringFailed(
            f"the authority at {self._address} stamped no time: {why}",
            remedy="Check its address and certificates; the next run asks again, and until then nobody outside knows.",
        )
