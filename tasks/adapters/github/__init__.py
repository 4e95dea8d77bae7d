"""
The code host, as GitHub and GitHub Enterprise Server speak it: `GitHubCodeHost`.

    code_host.py       the port, one line a method
    pull_requests.py   what is open, and what has become of it
    references.py      what a body refers to            teams.py     who is in a team
    landing.py         merging and closing
    documents.py       the GraphQL documents            shapes.py    what their answers must look like
    places.py          repositories by name and id
    translate.py       answers to domain values
    client.py          one request, one answer          failures.py  every way in which that fails

GitHub compares logins without regard to case and the domain compares exactly: every login that leaves this package is
in lower case, the members of teams included. A bot is named as in the REST API, `dependabot[bot]`, so that it cannot
be taken for the user of that name.
"""

from tasks.adapters.github.code_host import GitHubCodeHost

__all__ = ["GitHubCodeHost"]
