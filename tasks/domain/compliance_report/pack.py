"""
The evidence pack: all that there is of the sampled changes, and how to verify it with tools that are not ours.

Of the log it holds only the events of these changes, each with a proof that it is in the tree which the checkpoint
signs. The same evidence makes the same bytes: no clock and no compression, which differs from one library to another.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping

from tasks.domain.audit import Event
from tasks.domain.checkpoint import Proof
from tasks.domain.compliance_report.population import Change
from tasks.domain.escaping import for_spreadsheet
from tasks.domain.merkle import Tree

_BEGINNING = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16
SUMS = "SHA256SUMS"
README = "README.md"


def proven(events: Iterable[Event], tree: Tree, checkpoint: bytes) -> dict[str, bytes]:
    """Each event as the log has it, and its proof; `tree` has all leaves that `checkpoint` signs."""
    files: dict[str, bytes] = {}
    for event in events:
        proof = Proof(event.seq - 1, tree.inclusion(event.seq - 1), checkpoint)
        files[f"events/{event.seq:012d}.json"] = event.canonical()
        files[f"proofs/{event.seq:012d}.tlog-proof"] = proof.written()
    return files


def contents(sample: Mapping[Change, Iterable[Event]]) -> bytes:
    """Which events are about which change."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("repository", "pull_requests", "commit", "standing", "events"))
    for change, events in sample.items():
        numbers = " ".join(f"{event.seq:012d}" for event in events)
        pulls = " ".join(map(str, change.pull_requests))
        writer.writerow((for_spreadsheet(change.repository), pulls, change.commit, change.standing.value, numbers))
    return out.getvalue().encode()


def packed(files: Mapping[str, bytes]) -> bytes:
    """A zip of `files`, the sums of all of them, and what to do with it."""
    whole = {**files, README: INSTRUCTIONS.encode()}
    whole[SUMS] = "".join(f"{hashlib.sha256(whole[name]).hexdigest()}  {name}\n" for name in sorted(whole)).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(whole):
            entry = zipfile.ZipInfo(name, _BEGINNING)
            entry.external_attr, entry.create_system = _MODE, 3
            archive.writestr(entry, whole[name])
    return out.getvalue()


INSTRUCTIONS = r"""# Evidence of sampled changes, and how to verify it

You need the **verifier key** of the log, and, for time stamps, the certificates of the authority. Neither must come
with this pack: ask the person who answers for the log. All commands run in the folder that this file lies in.

- `report.json`: the report; `sample` are the events of the changes that were drawn.
- `contents.csv`: which events are about which change.
- `events/N.json`: event number N of the log, exactly as it was hashed; `proofs/N.tlog-proof`: its path to the root.
- `checkpoints/`: the signed size and root of the log. `anchors/`: time stamps of it by somebody else, where there are.
- `attestations/`: what is attested of each landing (DSSE, in-toto). `evidence/sha256/`: what events cite, by digest.

**The sample** is the one that the root of the log leads to; whoever has `population.csv` can draw it again: the changes
whose SHA-256 over root, the word `sample` and the event's id, each on a line, comes first.

**The files** are those that were packed:

```sh
sha256sum --check --quiet SHA256SUMS
```

**The events** are in the tree whose root the checkpoint has (RFC 9162; Python's own library suffices):

```python
import base64, glob, hashlib, pathlib

def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()

def root(index, size, leaf, path):
    first, last, found = index, size - 1, leaf
    for sibling in path:
        if first % 2 or first == last:
            found = node(sibling, found)
            while first and first % 2 == 0:
                first, last = first // 2, last // 2
        else:
            found = node(found, sibling)
        first, last = first // 2, last // 2
    return found if last == 0 else None

for name in sorted(glob.glob("events/*.json")):
    number = pathlib.Path(name).stem
    head, _, checkpoint = pathlib.Path(f"proofs/{number}.tlog-proof").read_bytes().partition(b"\n\n")
    assert checkpoint in [pathlib.Path(each).read_bytes() for each in glob.glob("checkpoints/*.txt")], name
    _, index, *path = head.decode().split("\n")
    size, signed = checkpoint.decode().split("\n")[1:3]
    leaf = hashlib.sha256(b"\x00" + pathlib.Path(name).read_bytes()).digest()
    found = root(int(index.removeprefix("index ")), int(size), leaf, [base64.b64decode(each) for each in path])
    assert found == base64.b64decode(signed), name
    print(name, "is in the log")
```

**The signature** of the checkpoint; a verifier key is `NAME+ID+BASE64`:

```sh
C=$(ls checkpoints/*.txt | tail -1); K=${K:-THE VERIFIER KEY OF THE LOG}
sed '/^$/,$d' "$C" > text
grep '^—' "$C" | cut -d' ' -f3 | base64 -d | tail -c 64 > signature
{ printf '302a300506032b6570032100' | xxd -r -p; printf '%s' "${K#*+*+}" | base64 -d | tail -c 32; } > key.der
openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in text -sigfile signature
```

**The time**, for each file in `anchors/`, whose name begins with the size of its checkpoint:

```sh
openssl ts -verify -in anchors/000000000036-….tsr -data checkpoints/000000000036.txt -CAfile authority.pem
```

**What events rest on** is named by its digest:

```sh
find evidence/sha256 -type f | while read -r f; do echo "$(basename "$f")  $f"; done | sha256sum --check --quiet
```

**What is attested of a landing** is a statement about the commit that landed; its signature is by the hub's second key:

```sh
for f in attestations/*/*/*.vsa.dsse.json; do jq -r .payload "$f" | base64 -d | jq '.subject[0].digest'; done
```
"""
