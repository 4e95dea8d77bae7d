"""A GraphQL request over HTTP: GitHub answers 200 even to what it refuses, and says why in `errors`."""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    parse,
    validate,
)
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deployments.sandbox.codehost.authentication import authenticate, token_in
from deployments.sandbox.codehost.errors import Refusal
from deployments.sandbox.codehost.grants import NOT_ACCESSIBLE, OF_STATUS, grant_of
from deployments.sandbox.codehost.host import Host

from .context import Context
from .root import Root

SCHEMA = Path(__file__).with_name("schema.graphql")
HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")


class GraphQLApi:
    def __init__(self, host: Host) -> None:
        self.host = host

    async def endpoint(self, request: Request) -> Response:
        raw = await request.body()
        return await run_in_threadpool(self.answer, request, raw)

    def answer(self, request: Request, raw: bytes) -> Response:
        login = "anonymous"
        try:
            sent = request.headers.get("authorization")
            viewer, grant = authenticate(self.host, sent), grant_of(self.host, token_in(sent))
            login = request.scope["state"]["login"] = viewer.login
            if self.host.limits.exhausted(login, "graphql"):
                message = f"API rate limit exceeded for {login}."
                response = JSONResponse({"errors": [{"type": "RATE_LIMITED", "message": message}]})
            else:
                self.host.limits.count(login, "graphql")
                response = JSONResponse(self._execute(request, Context(self.host, viewer, grant), _question(raw)))
        except Refusal as refusal:
            response = JSONResponse(refusal.document(), refusal.status)
        response.headers.update(self.host.limits.headers(login, "graphql"))
        return response

    @staticmethod
    def _execute(request: Request, context: Context, question: dict[str, Any]) -> dict[str, Any]:
        name = question.get("operationName")
        document, errors = understand(str(question["query"]))
        if document is None:
            return {"errors": errors}
        request.scope["state"]["operation"] = name or operation_name(document)
        result = execute_sync(
            schema(),
            document,
            root_value=Root(context),
            context_value=context,
            variable_values=question.get("variables") or {},
            operation_name=name,
            field_resolver=resolve,
            type_resolver=_typename,
        )
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [format_error(error) for error in result.errors]
        return answer


def _question(raw: bytes) -> dict[str, Any]:
    try:
        question = json.loads(raw)
    except ValueError as error:
        raise Refusal(400, "Problems parsing JSON") from error
    if not isinstance(question, dict) or not isinstance(question.get("query"), str):
        raise Refusal(400, "A query attribute must be specified and must be a string.")
    return question


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    return build_schema(SCHEMA.read_text())


@lru_cache(maxsize=256)
def understand(query: str) -> tuple[DocumentNode | None, list[dict[str, Any]]]:
    """The document, or what is wrong with it."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, [format_error(error)]
    errors = validate(schema(), document)
    return (None, [format_error(error) for error in errors]) if errors else (document, [])


def operation_name(document: DocumentNode) -> str | None:
    names = [one.name.value for one in document.definitions if isinstance(one, OperationDefinitionNode) and one.name]
    return names[0] if names else None


@lru_cache(maxsize=1024)
def snake(name: str) -> str:
    return HUMP.sub(r"_\1", name).lower()


def resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    """GitHub's camelCase fields are our snake_case attributes, keys and methods."""
    grant = info.context.grant
    if grant is not None and not grant.answers(info.parent_type.name, info.field_name, getattr(source, "hosted", None)):
        raise GraphQLError(NOT_ACCESSIBLE, extensions={"type": "FORBIDDEN"})
    name = snake(info.field_name)
    value = source.get(name) if isinstance(source, dict) else getattr(source, name)
    return value(**_snake_keys(arguments)) if callable(value) else value


def _snake_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {snake(key): _snake_keys(one) for key, one in value.items()}
    return value


def _typename(value: Any, info: GraphQLResolveInfo[Any], abstract: Any) -> str:
    """What a status of a commit needs depends on its kind, which is known here first."""
    del abstract
    name: str = value.typename
    grant, needed = info.context.grant, OF_STATUS.get(name)
    if grant is not None and needed is not None and not grant.allows(needed):
        raise GraphQLError(NOT_ACCESSIBLE, extensions={"type": "FORBIDDEN"})
    return name


def format_error(error: GraphQLError) -> dict[str, Any]:
    formatted: dict[str, Any] = dict(error.formatted)
    extensions = dict(formatted.pop("extensions", {}))
    kind = extensions.pop("type", None)
    return ({"type": kind} if kind else {}) | formatted | ({"extensions": extensions} if extensions else {})
