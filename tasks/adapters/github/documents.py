"""
The GraphQL documents.

GitHub counts a query by the pages it could need at most, and each commit has a page of authors: 50 pull requests with
100 commits each would cost 53 of the 5,000 points an hour. So a page brings the first 25 commits (15 points), and one
further request brings what is left of all pull requests together. Values are variables, never part of a document; the
only thing put together here is how often a part is repeated.
"""

PULL_REQUESTS_A_PAGE = 50
REFERENCES_A_REQUEST = 100
TEAMS_A_REQUEST = 50

PAGE_INFO = "pageInfo { hasNextPage endCursor }"
BACKWARDS = "pageInfo { hasNextPage: hasPreviousPage endCursor: startCursor }"

COMMITS = f"""totalCount {PAGE_INFO} nodes {{ commit {{
    oid
    authors(first: 20) {{ {PAGE_INFO} nodes {{ user {{ login }} }} }}
    committer {{ name email user {{ login }} }}
  }} }}"""
LABELINGS = f"{BACKWARDS} nodes {{ ... on LabeledEvent {{ id label {{ name }} }} }}"
RETARGETED = """nodes {
    ... on BaseRefChangedEvent { createdAt }
    ... on AutomaticBaseChangeSucceededEvent { createdAt }
  }"""
TARGET_EVENTS = "[BASE_REF_CHANGED_EVENT, AUTOMATIC_BASE_CHANGE_SUCCEEDED_EVENT]"
LABELS = f"{PAGE_INFO} nodes {{ name }}"
ASKED = f"""{PAGE_INFO} nodes {{ requestedReviewer {{
    __typename
    ... on User {{ login }}
    ... on Bot {{ login }}
    ... on Team {{ combinedSlug }}
  }} }}"""
REVIEWS = f"""{PAGE_INFO} nodes {{
    id state submittedAt authorCanPushToRepository viewerDidAuthor
    author {{ __typename login }}
    commit {{ oid }}
  }}"""

STATUSES = f"""contexts(first: 100%s) {{ {PAGE_INFO} nodes {{
    __typename
    ... on StatusContext {{ context state }}
    ... on CheckRun {{ name status conclusion }}
  }} }}"""
LATEST = f"latest: commits(last: 1) {{ nodes {{ commit {{ oid statusCheckRollup {{ {STATUSES} }} }} }} }}"

PULL_REQUEST = f"""
fragment pullRequest on PullRequest {{
  number title body url isDraft state baseRefName headRefOid headRefName createdAt mergeable
  author {{ __typename login }}
  headRepository {{ nameWithOwner }}
  labels(first: 100) {{ {LABELS} }}
  reviews(first: 100) {{ {REVIEWS} }}
  asked: reviewRequests(first: 100) {{ {ASKED} }}
  commits(first: 25) {{ {COMMITS} }}
  retargeted: timelineItems(last: 1, itemTypes: {TARGET_EVENTS}) {{ {RETARGETED} }}
  {LATEST % ""}
}}
"""

OPEN_PULL_REQUESTS = f"""
query openPullRequests($owner: String!, $name: String!, $branch: String!, $after: String) {{
  repository(owner: $owner, name: $name, followRenames: true) {{
    databaseId
    nameWithOwner
    ref(qualifiedName: $branch) {{ target {{ oid }} }}
    pullRequests(
      first: {PULL_REQUESTS_A_PAGE}, after: $after, states: [OPEN], orderBy: {{field: CREATED_AT, direction: ASC}}
    ) {{
      {PAGE_INFO}
      nodes {{ ...pullRequest }}
    }}
  }}
}}
{PULL_REQUEST}"""

CONTINUATIONS = {
    "labels": f"labels(first: 100, after: $%s) {{ {LABELS} }}",
    "reviews": f"reviews(first: 100, after: $%s) {{ {REVIEWS} }}",
    "asked": f"asked: reviewRequests(first: 100, after: $%s) {{ {ASKED} }}",
    "commits": f"commits(first: 100, after: $%s) {{ {COMMITS} }}",
    "statuses": LATEST % ", after: $%s",
    "labelings": f"labelings: timelineItems(last: 100, before: $%s, itemTypes: [LABELED_EVENT]) {{ {LABELINGS} }}",
}

COMMENTS = f"""
query comments($owner: String!, $name: String!, $number: Int!, $before: String) {{
  viewer {{ login }}
  repository(owner: $owner, name: $name, followRenames: true) {{
    databaseId
    pullRequest(number: $number) {{
      state
      comments(last: 100, before: $before) {{ {BACKWARDS} nodes {{ body author {{ __typename login }} }} }}
    }}
  }}
}}
"""


class Document:
    """A document of repeated parts under construction: its declarations, its values, its lines."""

    def __init__(self) -> None:
        self.variables: dict[str, object] = {}
        self._declarations: list[str] = []

    def variable(self, name: str, kind: str, value: object) -> str:
        self._declarations.append(f"${name}: {kind}")
        self.variables[name] = value
        return name

    def query(self, *lines: str) -> str:
        declared = f"({', '.join(self._declarations)})" if self._declarations else ""
        return "\n".join((f"query{declared} {{", *lines, "}"))


def in_repository(document: Document, owner: str, name: str, lines: list[str], *, alias: str = "") -> list[str]:
    """Declares the repository and puts `lines` into it, which may use the variables declared so far."""
    document.variable(f"{alias}owner", "String!", owner)
    document.variable(f"{alias}name", "String!", name)
    called = f"{alias}: repository" if alias else "repository"
    return [f"{called}(owner: ${alias}owner, name: ${alias}name, followRenames: true) {{", *lines, "}"]
