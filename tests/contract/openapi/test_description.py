"""What holds for every operation of both APIs, told from their descriptions: nobody can add a route that forgets it."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from fastapi import FastAPI

from shared.http.openapi import operations

Json = dict[str, Any]

#: POSTs without a key, and why they need none.
WITHOUT_KEY = {
    "compare_rates": "only reads",
    "post_what_if": "only reads",
    "inspect_link": "only reads",
    "sign_in": "nobody is known yet, and the answer is a secret",
    "post_code": "the answer is a secret",
    "begin_totp": "the answer is a secret",
    "confirm_totp": "the answer is a secret",
    "renew_recovery_codes": "the answer is a secret",
    "create_client": "the answer is a secret",
    "renew_client_secret": "the answer is a secret, and If-Match lets it happen once",
    "remove_totp": "done twice it is done once",
    "ask_for_reset": "nobody is known; a second mail does no harm",
    "complete_link": "nobody is known; a link serves once",
    "create_registration": "nobody is known yet, and the answer is a secret",
    "post_submission": "nobody is known, and If-Match lets it happen once",
    "withdraw_registration": "nobody is known, and If-Match lets it happen once",
    "request_email_code": "nobody is known; a second mail does no harm",
    "confirm_email": "nobody is known; a code serves once",
    "upload_document": "nobody is known; a document that is there twice can be deleted",
    "propose_fields": "only reads",
    "post_token": "RFC 6749: nobody is known yet, and the answer is a secret",
    "post_revocation": "RFC 7009: done twice it is done once",
}

#: Changes and deletions without If-Match, and why.
WITHOUT_VERSION = {
    "sign_out": "ends what is one's own, whatever it is",
    "end_session": "ends what is one's own, whatever it is",
    "end_other_sessions": "ends many",
    "put_role": "sets how one's own session goes on",
    "put_password": "asks for the old password instead",
    "withdraw_invitation": "an invitation never changes",
    "put_change_away": "a change that was set aside never changes",
    "map_import_columns": "the steps of an import are told by its state (409)",
    "delete_own_document": "a document never changes",
    "put_import_source": "the last mapping of one's own files counts",
    "delete_import_source": "the last mapping of one's own files counts",
}

#: Lists without pages, and why they end.
WITHOUT_PAGES = {
    "list_obstacles": "one row for each thing that one firm lacks",
    "list_flows": "one row for each pair of cities",
    "list_tiers": "three tiers",
    "list_cities": "the cities of one cluster",
    "list_templates": "one for each kind of data",
    "list_import_sources": "the sources of one firm",
    "list_regions": "a code list",
    "list_classes": "a code list",
    "list_units": "a code list",
    "list_schemes": "a code list",
    "list_title_schemes": "a code list",
    "list_processes": "a code list",
    "list_materials": "a code list",
    "propose_processes": "the nearest five",
    "propose_materials": "the nearest five",
    "get_status_changes": "the decisions on one firm",
    "search_catalog": "the best of each kind, at most `limit`",
    "get_similar": "the most alike",
    "list_aliases": "the names that one firm went by",
    "get_newcomers": "the most alike of one import",
    "list_sessions": "one's own sign-ins that last",
    "list_definitions": "the saved definitions of all reviewers",
    "get_rates": "one row for each group",
    "get_rates_by_definition": "one row for each group",
    "get_funnel": "one row for each group",
    "list_demand_bands": "one row for each group",
    "get_products": "one row for each product of a run",
    "get_levers": "one row for each kind of gap in each city",
    "get_single_sources": "the greatest of a run, at most `limit`",
    "get_critical_firms": "the greatest of a run, at most `k`",
    "get_concentration": "the greatest of a run, at most `limit`",
    "get_tiers": "the firms of a run, at most `limit`",
    "get_cure_sets": "one row for each product or cluster of a run",
}

VERBS = {
    *("accept", "amend", "apply", "approve", "ask", "assign", "begin", "cancel", "change", "choose", "compare"),
    *(
        "complete",
        "conclude",
        "confirm",
        "consent",
        "create",
        "decide",
        "decline",
        "defer",
        "delete",
        "download",
        "end",
        "erase",
    ),
    *(
        "export",
        "get",
        "import",
        "inspect",
        "invite",
        "list",
        "map",
        "merge",
        "post",
        "preview",
        "propose",
        "put",
        "read",
    ),
    *("refuse", "reinstate", "reject", "remove", "renew", "reopen", "request", "restore", "retire", "revoke", "review"),
    *("save", "search", "sign", "suspend", "take", "try", "unassign", "undo", "upload", "verify", "withdraw", "write"),
}


def written(app: FastAPI, *methods: str) -> Iterator[Json]:
    """The operations of these methods."""
    for item in app.openapi()["paths"].values():
        yield from (item[method] for method in methods if method in item)


def parameters(app: FastAPI, operation: Json) -> set[str]:
    """The names of an operation's parameters."""
    named = (resolved(app, each)["name"] for each in operation.get("parameters", ()))
    return {name.lower() for name in named}


def resolved(app: FastAPI, node: Json) -> Json:
    """What a reference stands for."""
    while "$ref" in node:
        found: Any = app.openapi()
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def without(app: FastAPI, found: set[str], known: dict[str, str]) -> tuple[set[str], set[str]]:
    """Operations that lack something and are not written down; and those written down of this API that lack nothing."""
    here = {operation["operationId"] for _, operation in operations(app.openapi())}
    return found - known.keys(), (known.keys() & here) - found


def test_every_post_that_does_something_takes_a_key(described: FastAPI) -> None:
    lacking = {
        each["operationId"]
        for each in written(described, "post")
        if "idempotency-key" not in parameters(described, each)
    }
    assert without(described, lacking, WITHOUT_KEY) == (set(), set())


def test_every_change_and_deletion_takes_a_version(described: FastAPI) -> None:
    lacking = {
        each["operationId"]
        for each in written(described, "put", "patch", "delete")
        if "if-match" not in parameters(described, each)
    }
    assert without(described, lacking, WITHOUT_VERSION) == (set(), set())


def test_who_takes_a_version_says_428_and_412(described: FastAPI) -> None:
    for _, operation in operations(described.openapi()):
        if "if-match" in parameters(described, operation):
            assert {"412", "428"} <= operation["responses"].keys(), operation["operationId"]


def is_list(app: FastAPI, operation: Json) -> bool:
    """Whether an operation answers a list, by itself or as `items` or `rows`."""
    content = operation["responses"].get("200", {}).get("content", {})
    schema = resolved(app, content.get("application/json", {}).get("schema", {}))
    members = schema.get("properties", {})
    return schema.get("type") == "array" or any(
        members.get(name, {}).get("type") == "array" for name in ("items", "rows")
    )


def test_every_list_has_pages(described: FastAPI) -> None:
    lists = [each for each in written(described, "get") if is_list(described, each)]
    assert len(lists) > 5
    lacking = {each["operationId"] for each in lists if not {"after", "limit"} <= parameters(described, each)}
    assert without(described, lacking, WITHOUT_PAGES) == (set(), set())


def test_operation_ids_are_a_verb_and_a_thing(described: FastAPI) -> None:
    ids = [operation["operationId"] for _, operation in operations(described.openapi())]
    assert len(set(ids)) == len(ids)
    assert {each for each in ids if each.partition("_")[0] not in VERBS} == set()


def test_every_operation_is_told_in_full(described: FastAPI) -> None:
    for path, operation in operations(described.openapi()):
        assert not operation["summary"].isascii(), path
        responses = operation["responses"]
        assert {"422", "429", "500", "503"} <= responses.keys(), path
        for status, response in responses.items():
            told = resolved(described, response)
            assert {"X-Request-Id", "RateLimit-Limit"} <= told.get("headers", {}).keys(), (path, status)
        for status in ("422", "429", "500"):
            assert "application/problem+json" in resolved(described, responses[status])["content"], path


def bodies(app: FastAPI) -> Iterator[tuple[str, Json]]:
    """Every JSON body, in or out, with its place."""
    for path, operation in operations(app.openapi()):
        for what, body in (("in", operation.get("requestBody", {})), *operation["responses"].items()):
            content = resolved(app, body).get("content", {})
            if "application/json" in content and "schema" in content["application/json"]:
                yield f"{operation['operationId']} {what} {path}", content["application/json"]


def test_examples_are_what_their_schemas_say(described: FastAPI) -> None:
    document = described.openapi()
    wrong = []
    for place, body in bodies(described):
        schema = {**body["schema"], "components": document["components"]}
        assert "example" in body or "examples" in body, place
        example = body["example"] if "example" in body else next(iter(body["examples"].values()))["value"]
        wrong += [f"{place}: {error.message}" for error in jsonschema_rs.validator_for(schema).iter_errors(example)]
    assert wrong == []
