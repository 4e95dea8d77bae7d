"""Users, bots, organizations and teams."""

from deployments.sandbox.codehost.host import Host
from deployments.sandbox.codehost.model import Account, Json, Team

from .nodes import node_id

USER_PATHS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
NODE_KINDS = {"User": "U", "Organization": "O", "Bot": "BOT"}


def simple_user(host: Host, login: str | None) -> Json | None:
    account = host.account(login) if login else None
    return account_document(host, account) if account else None


def known_user(host: Host, login: str) -> Json:
    """For places where GitHub always has somebody; a vanished account is its `ghost`."""
    return simple_user(host, login) or account_document(host, Account(id=10137, login="ghost", created_at=""))


def account_document(host: Host, account: Account) -> Json:
    url = f"{host.settings.api_url}/users/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id(NODE_KINDS[account.type], account.id),
        "avatar_url": f"{host.settings.public_url}/avatars/{account.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{host.settings.public_url}/{account.login}",
        **{name: url + path for name, path in USER_PATHS.items()},
        "type": account.type,
        "user_view_type": "public",
        "site_admin": False,
    }


def public_user(host: Host, account: Account) -> Json:
    return account_document(host, account) | {
        "name": account.name,
        "company": None,
        "blog": "",
        "location": None,
        "email": None if account.type == "Organization" else _email(account.login),
        "hireable": None,
        "bio": None,
        "twitter_username": None,
        "public_repos": len(host.repositories_of(account.login)),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": account.created_at,
        "updated_at": account.created_at,
    }


def private_user(host: Host, account: Account) -> Json:
    return public_user(host, account) | {
        "user_view_type": "private",
        "private_gists": 0,
        "total_private_repos": 0,
        "owned_private_repos": 0,
        "disk_usage": 0,
        "collaborators": 0,
        "two_factor_authentication": True,
    }


def _email(login: str) -> str | None:
    return None if "[" in login else f"{login}@example.org"


def organization(host: Host, account: Account) -> Json:
    url = f"{host.settings.api_url}/orgs/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("O", account.id),
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"{host.settings.public_url}/avatars/{account.id}",
        "description": None,
        "name": account.name or account.login,
        "has_organization_projects": True,
        "has_repository_projects": True,
        "public_repos": len(host.repositories_of(account.login)),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "html_url": f"{host.settings.public_url}/{account.login}",
        "type": "Organization",
        "created_at": account.created_at,
        "updated_at": account.created_at,
        "archived_at": None,
        "default_repository_permission": "write",
    }


def team(host: Host, record: Team) -> Json:
    owner = host.account(record.organization)
    identity = owner.id if owner else 0
    url = f"{host.settings.api_url}/organizations/{identity}/team/{record.id}"
    return {
        "id": record.id,
        "node_id": node_id("T", record.id),
        "url": url,
        "html_url": f"{host.settings.public_url}/orgs/{record.organization}/teams/{record.slug}",
        "name": record.name,
        "slug": record.slug,
        "description": None,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": "push",
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "type": "organization",
        "organization_id": identity,
        "parent": None,
    }


def full_team(host: Host, record: Team) -> Json:
    owner = host.account(record.organization)
    return team(host, record) | {
        "members_count": len(record.members),
        "repos_count": len(host.repositories_of(record.organization)),
        "created_at": record.created_at,
        "updated_at": record.created_at,
        "organization": organization(host, owner) if owner else None,
    }


def integration(host: Host) -> Json:
    return {
        "id": host.app.id,
        "slug": "merge-hub",
        "client_id": "Iv1.sandbox",
        "node_id": node_id("A", host.app.id),
        "owner": account_document(host, host.app),
        "name": "merge-hub",
        "description": "The hub of this sandbox",
        "external_url": host.settings.public_url,
        "html_url": f"{host.settings.public_url}/apps/merge-hub",
        "created_at": host.app.created_at,
        "updated_at": host.app.created_at,
        "permissions": granted(host),
        "events": ["pull_request", "pull_request_review", "push", "status", "check_run"],
        "installations_count": len(app_installations(host)),
    }


APP_PERMISSIONS = {
    "administration": "read",
    "checks": "write",
    "contents": "write",
    "issues": "write",
    "metadata": "read",
    "members": "read",
    "pull_requests": "write",
    "statuses": "write",
}


def granted(host: Host) -> dict[str, str]:
    """To the App, wherever it is installed."""
    return APP_PERMISSIONS if host.app_permissions is None else host.app_permissions


def app_installations(host: Host) -> list[Account]:
    """The App is installed on every organization."""
    return [account for account in host.accounts if account.type == "Organization"]


def installation(host: Host, account: Account) -> Json:
    url = f"{host.settings.api_url}/app/installations/{account.id}"
    return {
        "id": account.id,
        "client_id": "Iv1.sandbox",
        # The description of one listing wants an account to be a user and an enterprise at once.
        "account": account_document(host, account)
        | {
            "name": account.name or account.login,
            "slug": account.login,
            "created_at": account.created_at,
            "updated_at": account.created_at,
        },
        "repository_selection": "all" if host.app_repositories is None else "selected",
        "access_tokens_url": f"{url}/access_tokens",
        "repositories_url": f"{host.settings.api_url}/installation/repositories",
        "html_url": f"{host.settings.public_url}/organizations/{account.login}/settings/installations/{account.id}",
        "app_id": host.app.id,
        "app_slug": "merge-hub",
        "target_id": account.id,
        "target_type": "Organization",
        "permissions": granted(host),
        "events": ["pull_request", "push"],
        "created_at": account.created_at,
        "updated_at": account.created_at,
        "single_file_name": None,
        "suspended_by": None,
        "suspended_at": None,
    }
