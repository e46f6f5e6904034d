"""Verification and decisions over HTTP, health, code lists, and what the documentation says."""

from uuid import UUID

import httpx
import pytest

from services.catalog.app import create_app
from services.catalog.settings import CatalogSettings
from tests.api.catalog.conftest import Served
from tests.conftest import Signing, serving
from tests.support.catalog_world import REVIEWER


def test_verification_over_http(writing: Served) -> None:
    client, keyed = writing.client(REVIEWER), str(writing.world.enterprises["keyed"])
    first = client.post("/enterprises/verification", json={"all_submitted": True})
    assert first.status_code == 200
    assert first.json()["verified"] == 0
    assert [each["id"] for each in first.json()["refused"]] == [keyed]
    assert client.post("/enterprises/verification", json={"ids": [keyed]}).json() == first.json()


@pytest.mark.parametrize(
    "body", [{}, {"ids": [], "all_submitted": False}, {"ids": [str(UUID(int=1))], "all_submitted": True}]
)
def test_verification_wants_either_ids_or_all(reading: Served, body: dict[str, object]) -> None:
    answer = reading.client(REVIEWER).post("/enterprises/verification", json=body)
    assert (answer.status_code, answer.json()["title"]) == (422, "提交的内容有误")


def test_a_decision_wants_the_version_that_it_is_based_on(writing: Served) -> None:
    client, near = writing.client(REVIEWER), f"/enterprises/{writing.world.enterprises['near']}"
    tag = client.get(near).headers["ETag"]
    suspend, body = f"{near}/suspension", {"reason": "停产"}
    assert client.post(suspend, json=body).status_code == 428
    assert client.post(suspend, json=body, headers={"If-Match": '"1"'}).status_code == 412
    done = client.post(suspend, json=body, headers={"If-Match": tag})
    assert (done.status_code, done.json()["status"]) == (200, "suspended")
    assert done.headers["ETag"] != tag
    again = client.post(suspend, json=body, headers={"If-Match": done.headers["ETag"]})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/wrong-state")
    assert "已暂停" in again.json()["detail"]
    steps = client.get(f"{near}/status-changes").json()
    assert [(step["after"], step["reason"]) for step in steps] == [("verified", ""), ("suspended", "停产")]


def test_a_decision_wants_a_reason(reading: Served) -> None:
    path = f"/enterprises/{reading.world.enterprises['near']}/retirement"
    answer = reading.client(REVIEWER).post(path, json={"reason": ""}, headers={"If-Match": '"2"'})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/reason")


def test_code_lists(reading: Served) -> None:
    client = reading.client(REVIEWER)
    assert client.get("/codes/regions", params={"q": "青岛"}).json()[0]["code"] == "370200"
    assert client.get("/codes/regions", params={"q": "370214"}).json()[0]["full_name"] == "山东省青岛市城阳区"
    assert client.get("/codes/classes", params={"q": "3670"}).json()[0]["name"] == "汽车零部件及配件制造"
    assert {"件", "吨", "千克"} <= {unit["code"] for unit in client.get("/codes/units").json()}
    schemes = {scheme["code"]: scheme for scheme in client.get("/codes/certificate-schemes").json()}
    assert "ISO 9001" in schemes["IATF 16949"]["satisfies"]


def test_health_needs_no_token(reading: Served) -> None:
    base = str(reading.client(None).base_url).removesuffix("/v1/")
    assert httpx.get(f"{base}/health", trust_env=False).json() == {"status": "ok"}


def test_health_says_when_the_database_is_away(signing: Signing) -> None:
    gone = "postgresql://nobody@127.0.0.1:1/nothing"
    app = create_app(CatalogSettings.model_construct(database_url=gone, jwks_file=signing.jwks_file))
    with serving(app) as base:
        answer = httpx.get(f"{base}/catalog/health", trust_env=False)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/database-unavailable")


def test_the_documentation_is_served(reading: Served) -> None:
    # what it must say of each operation is told in tests/contract/openapi
    base = str(reading.client(None).base_url).removesuffix("/v1/")
    document = httpx.get(f"{base}/openapi.json", trust_env=False).json()
    assert document["info"]["title"] == "携手 · 目录服务"
    assert httpx.get(f"{base}/docs", trust_env=False).status_code == 200
