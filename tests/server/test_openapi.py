"""The OpenAPI document, and random requests that compare the server with it."""

import json
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest
import requests

from tests.server.conftest import Client
from tests.support.serving import SEGMENTS, Served, served

SCHEMATHESIS = str(Path(sysconfig.get_path("scripts")) / "schemathesis")
# A schema cannot express the syntax of a filter or a mask, so invalid ones are generated too.
UNCHECKED = "positive_data_acceptance"

OPERATIONS = {
    "GetSegments": "GET /commerce/customer/segments",
    "AddSegment": "POST /commerce/customer/segments",
    "GetSegment": "GET /commerce/customer/segments/{id}",
    "UpdateSegment": "PUT /commerce/customer/segments/{id}",
    "DeleteSegment": "DELETE /commerce/customer/segments/{id}",
    "AddSegmentAccounts": "POST /commerce/customer/segments/{id}/accounts",
    "RemoveSegmentAccount": "DELETE /commerce/customer/segments/{id}/accounts/{accountId}",
    "GetAccountSegments": "GET /commerce/customer/accounts/{accountId}/segments",
    "GetAccounts": "GET /commerce/customer/accounts",
    "GetAccount": "GET /commerce/customer/accounts/{accountId}",
    "GetTenant": "GET /platform/tenants/{tenant}",
    "OauthAuthenticateApp": "POST /platform/applications/authtickets/oauth",
    "AuthenticateApp": "POST /platform/applications/authtickets",
    "RefreshAppAuthTicket": "PUT /platform/applications/authtickets/refresh-ticket",
    "DeleteAppAuthTicket": "DELETE /platform/applications/authtickets/{refreshToken}",
}


def test_the_document_has_the_contracts_operations(server: Served) -> None:
    document = requests.get(f"{server.url}/api/openapi.json", timeout=10).json()
    assert document["openapi"].startswith("3.")
    described = {
        operation["operationId"]: f"{method.upper()} {path}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert described == OPERATIONS
    named = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document)))
    assert named == set(document["components"]["schemas"])


def test_the_document_says_whether_a_token_is_required(server: Served, home: Path) -> None:
    with served(home, "--no-auth") as open_server:
        for url, required in ((server.url, True), (open_server.url, False)):
            paths = requests.get(f"{url}/api/openapi.json", timeout=10).json()["paths"]
            assert bool(paths["/commerce/customer/segments"]["get"]["security"]) is required


@pytest.mark.parametrize("auth", [True, False])
def test_responses_to_random_requests_conform_to_the_document(home: Path, auth: bool) -> None:
    with served(home, *(() if auth else ("--no-auth",))) as server:
        with Client(server) as client:
            client.add("VIP", 1, 2)
            token = str(client.headers["Authorization"])
        done = subprocess.run(
            [
                SCHEMATHESIS,
                "run",
                f"{server.url}/api/openapi.json",
                "--max-examples=25",
                f"--exclude-checks={UNCHECKED}",
                "--no-color",
                *(("-H", f"Authorization: {token}") if auth else ()),
            ],
            capture_output=True,
            text=True,
            cwd=home,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        assert requests.get(f"{server.url}{SEGMENTS}/0", timeout=10).status_code in (401, 404)
