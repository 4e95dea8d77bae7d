"""GitHub's REST API v3, one module a resource. More specific templates come first."""

from deployments.sandbox.codehost.router import Routes

from . import (
    accounts,
    apps,
    branches,
    checks,
    contents,
    gitdata,
    hooks,
    issues,
    labels,
    protection,
    pulls,
    repositories,
    reviews,
    search,
)

routes = Routes(
    accounts.routes,
    apps.routes,
    labels.routes,
    reviews.routes,
    pulls.routes,
    issues.routes,
    checks.routes,
    protection.routes,
    branches.routes,
    gitdata.routes,
    contents.routes,
    hooks.routes,
    search.routes,
    repositories.routes,
)
