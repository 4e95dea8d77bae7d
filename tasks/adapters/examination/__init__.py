"""
What the doctor looks at, and how: nothing is changed, nothing is sent to anybody, and every look ends.

    examiner    all of it in one place, each thing opened when it is looked at
    machine     git, the home directory, and what dead processes left in it
    host        the code host, the token and the repositories
    server      Prefect's

Evidence, log, mail and chat are looked at by their own adapters.
"""

from tasks.adapters.examination.examiner import Examiner

__all__ = ["Examiner"]
