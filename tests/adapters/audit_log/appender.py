"""A process of its own that appends to a log: URL FIRST LAST, one event an append; says each number when it is in."""

import resource
import sys

from tasks.adapters.audit_log import SqlAuditLog
from tasks.adapters.clock import SystemClock
from tasks.domain.errors import AuditLogError
from tests.adapters.facts import fact

URL, FIRST, LAST, *LIMIT = sys.argv[1:]
if LIMIT:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(LIMIT[0]), int(LIMIT[0])))

log = SqlAuditLog(URL, SystemClock())
try:
    for number in range(int(FIRST), int(LAST) + 1):
        log.append([fact(number, note="x" * 1000)])
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
except AuditLogError as error:
    sys.exit(f"{error} | {error.remedy}")
finally:
    log.close()
