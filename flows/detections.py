"""The rules of anomalies as Sigma files: `python -m flows.detections` writes them, and a test checks them."""

import sys
from pathlib import Path

import yaml

from tasks.domain.anomalies.sigma import sigma_files

FOLDER = Path(__file__).parent.parent / "deployments" / "detections" / "sigma"
_HEAD = "# Written by `python -m flows.detections` from what the rule says of itself.\n"


def files() -> dict[str, str]:
    """The text of each file by its name."""
    return {
        name: _HEAD + yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True, width=110)
        for name, documents in sigma_files().items()
    }


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, "utf-8")
    for path in FOLDER.glob("*.yml"):
        if path.name not in files():
            path.unlink()
    sys.stdout.write(f"{FOLDER} is up to date\n")


if __name__ == "__main__":
    main()
