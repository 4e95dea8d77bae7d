"""Who asks: `sandbox-<login>`, the hub's `sandbox-app`, an installation token, or the App's own JSON web token."""

import base64
import binascii
import time

import jwt

from .errors import Refusal, bad_credentials
from .host import Host
from .model import Account

PREFIX = "sandbox-"
APP_TOKEN = "sandbox-app"  # noqa: S105 - the sandbox has no secrets
LONGEST_JWT = 600 + 60


def authenticate(host: Host, authorization: str | None) -> Account:
    scheme = (authorization or "").partition(" ")[0].lower()
    if scheme not in {"basic", "token", "bearer"}:
        if not authorization:
            raise Refusal(401, "Requires authentication")
        raise bad_credentials()
    return account_of_token(host, token_in(authorization))


def token_in(authorization: str | None) -> str:
    """As it was sent, by whatever scheme; empty where there is none."""
    scheme, _, credentials = (authorization or "").partition(" ")
    return (basic_password(credentials) if scheme.lower() == "basic" else credentials).strip()


def account_of_token(host: Host, token: str) -> Account:
    if token == APP_TOKEN:
        return host.app
    if token in host.tokens:
        if host.tokens[token].expires_at < time.time():
            raise bad_credentials()
        return host.app
    account = host.account(token.removeprefix(PREFIX)) if token.startswith(PREFIX) else None
    if account is not None and account.type != "Organization":
        return account
    if token.count(".") == 2:  # noqa: PLR2004 - a JSON web token has three parts
        return _app_of_jwt(host, token)
    raise bad_credentials()


def basic_password(credentials: str) -> str:
    try:
        user, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise bad_credentials() from error
    return password or user


def _app_of_jwt(host: Host, token: str) -> Account:
    """
    Expired or malformed tokens are refused.

    The signature is verified once the world has told the App's public key.
    """
    key = host.app_key
    try:
        claims = jwt.decode(
            token,
            key or "",
            algorithms=["RS256"],
            options={"verify_signature": key is not None, "verify_exp": True, "verify_iat": False, "verify_aud": False},
        )
    except jwt.PyJWTError as error:
        raise Refusal(401, "A JSON web token could not be decoded") from error
    if "iss" not in claims or not isinstance(claims.get("exp"), int | float):
        raise Refusal(401, "Missing 'issuer' or 'expiration time' claim in assertion")
    if claims["exp"] > time.time() + LONGEST_JWT:
        raise Refusal(401, "'Expiration time' claim ('exp') is too far in the future")
    return host.app
