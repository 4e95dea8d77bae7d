import sys
from pathlib import Path

from deployments.sandbox.seed.api import RefusedError
from deployments.sandbox.seed.planting import Planter

if __name__ == "__main__":
    try:
        Planter(api_url=sys.argv[1], data=Path(sys.argv[2])).plant()
    except RefusedError as refusal:
        sys.exit(str(refusal))
