"""An authority that stamps times as RFC 3161 has it: `openssl ts` behind HTTP, with a certificate of its own making."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

OPENSSL = shutil.which("openssl")
needs_openssl = pytest.mark.skipif(OPENSSL is None, reason="`openssl` stamps the times")

_CONFIGURATION = """
[ tsa ]
default_tsa = here
[ here ]
serial = ./serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
ess_cert_id_chain = no
accuracy = secs:1
ordering = yes
tsa_name = no
"""
_OF_A_STAMP = "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\nbasicConstraints=CA:false\n"


class Authority:
    """`answers_with` replaces what it would answer; None leaves it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = ""
        self.asked = 0
        self.answers_with: bytes | None = None
        folder.mkdir()
        (folder / "ts.cnf").write_text(_CONFIGURATION, encoding="utf-8")
        (folder / "stamp.ext").write_text(_OF_A_STAMP, encoding="utf-8")
        (folder / "serial").write_text("01\n", encoding="utf-8")
        rsa = ["-newkey", "rsa:2048", "-nodes"]
        self._openssl("req", "-x509", *rsa, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Trusted", "-days", "9")
        self._openssl("req", *rsa, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Authority")
        issue = ["x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "9"]
        self._openssl(*issue, "-extfile", "stamp.ext", "-out", "tsa.pem")

    @property
    def certificates(self) -> Path:
        return self.folder / "ca.pem"

    def stamp(self, request: bytes) -> bytes:
        self.asked += 1
        if self.answers_with is not None:
            return self.answers_with
        (self.folder / "asked.tsq").write_bytes(request)
        self._openssl("ts", "-reply", "-config", "ts.cnf", "-queryfile", "asked.tsq", "-out", "answer.tsr")
        return (self.folder / "answer.tsr").read_bytes()

    def accepts(self, token: bytes, content: bytes) -> bool:
        """As `openssl ts -verify` says, which is not ours."""
        (self.folder / "token.tsr").write_bytes(token)
        (self.folder / "content").write_bytes(content)
        verify = ["ts", "-verify", "-in", "token.tsr", "-data", "content", "-CAfile", "ca.pem"]
        return self._run(*verify).returncode == 0

    def _openssl(self, *arguments: str) -> None:
        done = self._run(*arguments)
        assert done.returncode == 0, done.stderr

    def _run(self, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
        command = [OPENSSL or "openssl", *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, check=False, timeout=60)


@contextmanager
def serving(folder: Path) -> Iterator[Authority]:
    authority = Authority(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            token = authority.stamp(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(token)))
            self.end_headers()
            self.wfile.write(token)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- named as the library has it
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    authority.address = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        yield authority
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
