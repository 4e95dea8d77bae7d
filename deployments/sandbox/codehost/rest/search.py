"""Search for issues and pull requests by the qualifiers that name plain facts."""

from deployments.sandbox.codehost.call import Call, Listing
from deployments.sandbox.codehost.errors import Invalid, NotImplementedHere
from deployments.sandbox.codehost.render.issues import issue_document
from deployments.sandbox.codehost.router import Routes
from deployments.sandbox.codehost.searching import parse_query, search_issues

routes = Routes()


@routes.get("/search/issues")
def search(call: Call) -> Listing:
    text = call.query.get("q", "")
    if not text.strip():
        raise Invalid.field("Search", "q", "missing")
    try:
        terms = parse_query(text)
    except ValueError as error:
        raise NotImplementedHere("search for", str(error)) from error
    return Listing(
        search_issues(call.host, call.viewer, terms),
        lambda item: issue_document(call.host, *item) | {"score": 1.0, "body": item[1].body or ""},
        envelope="items",
        more={"incomplete_results": False, "search_type": "lexical"},
    )
