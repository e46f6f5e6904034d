"""What every request and answer of a service carries and keeps to, over real HTTP."""

import socket
import time
from collections.abc import Callable, Iterator
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, FastAPI, File, Query, Request, UploadFile
from pydantic import BaseModel

from shared.http.application import service_application
from shared.http.limits import Bounds
from shared.http.traffic import Allowance
from tests.conftest import Signing

ROUTER = APIRouter(prefix="/catalog/v1")
#: Seconds that a busy machine needs for what is neither large nor slow, and no more than a test may wait.
BOUNDS = Bounds(body=1000, files={"multipart/form-data": 2000}, sending=2, answering=3)


class Note(BaseModel):
    text: str


@ROUTER.post("/notes")
def post_note(note: Note) -> str:
    return note.text


@ROUTER.get("/notes")
def list_notes(limit: int = 10, kind: Annotated[list[str] | None, Query()] = None) -> list[str]:
    return [str(limit), *(kind or [])]


@ROUTER.delete("/notes")
def delete_notes() -> None:
    """A third method of the same address."""


@ROUTER.patch("/notes/{number}")
def change_note(number: int) -> int:
    return number


@ROUTER.post("/notes/bulk")
def post_notes() -> None:
    """An address that the one before would match too."""


@ROUTER.post("/files")
def post_file(file: Annotated[UploadFile, File()]) -> int:
    return len(file.file.read())


@ROUTER.post("/streams")
async def post_stream(request: Request) -> int:
    return sum([len(chunk) async for chunk in request.stream()])


@ROUTER.get("/slow")
def get_slowly() -> str:
    time.sleep(4)
    return "late"


@ROUTER.get("/bug")
def get_bug() -> str:
    raise RuntimeError("secret")


@pytest.fixture(scope="module")
def make(signing: Signing) -> Callable[..., FastAPI]:
    def app(**options: object) -> FastAPI:
        nowhere = "postgresql://nobody@127.0.0.1:1/nothing"
        return service_application(
            "catalog", "试", "", [ROUTER], database_url=nowhere, keys=signing.jwks_file, **options
        )  # type: ignore[arg-type]

    return app


@pytest.fixture
def client(make: Callable[..., FastAPI], live_app: Callable[[FastAPI], str]) -> Iterator[httpx.Client]:
    base = live_app(make(bounds=BOUNDS)) + "/catalog/v1"
    with httpx.Client(base_url=base, trust_env=False, timeout=60) as http:
        yield http


ANSWERS = [
    ("GET", "/notes", 200),
    ("GET", "/nowhere", 404),
    ("GET", "/notes/", 404),
    ("PATCH", "/notes", 405),
    ("OPTIONS", "/notes", 405),
    ("POST", "/notes", 422),
    ("GET", "/bug", 500),
    ("GET", "/slow", 503),
]


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_every_answer_is_protected_and_has_an_id(client: httpx.Client, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    found = {name: answer.headers.get(name) for name in PROTECTED}
    assert found == PROTECTED
    assert len(answer.headers["x-request-id"]) == 32
    assert {"ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"} <= answer.headers.keys()
    assert "strict-transport-security" not in answer.headers
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status


PROTECTED = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def test_over_https_browsers_are_to_stay_there(
    make: Callable[..., FastAPI], live_app: Callable[[FastAPI], str]
) -> None:
    # what a proxy on this host says of the way that the request came
    answer = httpx.get(live_app(make()) + "/catalog/v1/notes", headers={"X-Forwarded-Proto": "https"}, trust_env=False)
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("given", ["abc-DEF_1.2", "x" * 64])
def test_the_callers_id_comes_back(client: httpx.Client, given: str) -> None:
    assert client.get("/notes", headers={"X-Request-Id": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, 'a"b', "a b"])
def test_an_id_that_may_not_stand_in_a_log_does_not(client: httpx.Client, given: str) -> None:
    answer = client.get("/notes", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"] != given
    assert len(answer.headers["x-request-id"]) == 32


def test_405_names_all_methods_of_the_address(client: httpx.Client) -> None:
    assert client.put("/notes").headers["allow"] == "DELETE, GET, POST"


@pytest.mark.parametrize("method", ["GET", "PATCH", "OPTIONS"])
def test_an_address_that_is_spelt_out_is_no_parameter(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "/notes/bulk")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json()["type"] == "/problems/method-not-allowed"
    assert client.patch("/notes/7").json() == 7


def test_500_says_nothing_of_the_reason(client: httpx.Client) -> None:
    body = client.get("/bug").json()
    assert (body["type"], body["title"], body["detail"]) == (
        "/problems/internal",
        "服务内部出错",
        "问题已记录，请稍后再试。",
    )


def test_the_documentation_runs_only_its_own_script(client: httpx.Client) -> None:
    page = client.get(str(client.base_url).replace("/v1/", "/docs"))
    policy = page.headers["content-security-policy"]
    assert page.status_code == 200
    assert "script-src 'self' 'sha256-" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]


def test_a_parameter_that_the_route_has_not(client: httpx.Client) -> None:
    answer = client.get("/notes?limt=5&x~/y=1")
    assert (answer.status_code, answer.json()["detail"]) == (422, "共 2 处需要更正。")
    assert [(each["pointer"], each["detail"], each["location"]) for each in answer.json()["errors"]] == [
        ("/limt", "没有这个查询参数；是否指 limit？", "query"),
        ("/x~0~1y", "没有这个查询参数；请删去，或查阅接口文档。", "query"),
    ]
    assert client.post("/notes?limit=5", json={"text": "一"}).status_code == 422


def test_a_parameter_given_twice_where_one_counts(client: httpx.Client) -> None:
    assert client.get("/notes?kind=a&kind=b&limit=3").json() == ["3", "a", "b"]
    (error,) = client.get("/notes?limit=3&limit=4").json()["errors"]
    assert (error["pointer"], error["detail"]) == ("/limit", "只能给一次：各条件同时成立。")


@pytest.mark.parametrize("sent", ["text/plain", "application/xml", "multipart/form-data; boundary=x"])
def test_a_body_of_another_kind(client: httpx.Client, sent: str) -> None:
    answer = client.post("/notes", content=b'{"text": "x"}', headers={"Content-Type": sent})
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-media-type")
    assert answer.json()["detail"] == "请以 Content-Type: application/json 提交。"


def test_a_form_asked_for_and_json_sent(client: httpx.Client) -> None:
    answer = client.post("/files", json={"file": "x"})
    assert (answer.status_code, answer.json()["detail"]) == (415, "请以 Content-Type: multipart/form-data 提交。")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large(client: httpx.Client, chunked: bool) -> None:
    body = b'{"text": "' + b"x" * 3_000_000 + b'"}'
    headers = {"Content-Type": "application/json"}
    for path in ("/notes", "/streams"):
        pieces = (body[at : at + 65536] for at in range(0, len(body), 65536))
        try:
            answer = client.post(path, content=pieces if chunked else body, headers=headers)
        except httpx.WriteError:  # the server has hung up on what comes after its answer
            assert chunked
            continue
        assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")
        assert answer.json()["detail"] == "这种内容一次最多 0 MB，请分几次提交。"


def test_files_may_be_larger_than_other_bodies(client: httpx.Client) -> None:
    assert client.post("/files", files={"file": b"x" * 1500}).json() == 1500
    assert client.post("/files", files={"file": b"x" * 2500}).status_code == 413


def test_a_body_that_does_not_come(client: httpx.Client) -> None:
    with socket.create_connection((client.base_url.host, client.base_url.port or 0)) as wire:
        wire.sendall(b"POST /catalog/v1/notes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        wire.sendall(b"Content-Length: 100\r\n\r\n{")
        wire.settimeout(10)
        answer = b""
        while chunk := wire.recv(65536):
            answer += chunk
    assert answer.startswith(b"HTTP/1.1 408")
    assert "提交的内容没有按时到达".encode() in answer


def test_an_answer_that_takes_too_long(client: httpx.Client) -> None:
    answer = client.get("/slow")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert (answer.json()["title"], answer.json()["detail"]) == ("处理时间过长", "请稍后再试，或缩小范围。")
    assert client.get("/notes").status_code == 200


def test_more_requests_than_a_caller_has(make: Callable[..., FastAPI], live_app: Callable[[FastAPI], str]) -> None:
    base = live_app(make(allowance=Allowance(burst=3, per_second=0.01))) + "/catalog/v1"
    with httpx.Client(base_url=base, trust_env=False) as http:
        seen = [http.get("/notes", headers={"Authorization": "Bearer a"}) for _ in range(4)]
        other = http.get("/notes", headers={"Authorization": "Bearer b"})
    assert [each.status_code for each in seen] == [200, 200, 200, 429]
    assert [each.headers["ratelimit-remaining"] for each in seen] == ["2", "1", "0", "0"]
    assert (seen[0].headers["ratelimit-limit"], seen[0].headers["ratelimit-reset"]) == ("3", "100")
    assert (seen[3].json()["title"], seen[3].json()["detail"]) == ("请求过于频繁", "请在 100 秒后再试。")
    assert seen[3].headers["retry-after"] == "100"
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[" * 100_000, 400),
        (b'{"text": ' + b"9" * 900 + b"}", 422),
        (b'{"text": "\\ud800"}', 422),
        (b'{"text": "a\\u0000"}', 422),
        (b'{"text": "\xff"}', 400),
        (b'{"text": NaN}', 422),
        (b"\x00", 422),
    ],
    ids=["deep", "huge-number", "half-a-pair", "escaped-nul", "no-utf8", "nan", "nul"],
)
def test_hostile_bodies(
    make: Callable[..., FastAPI], live_app: Callable[[FastAPI], str], body: bytes, status: int
) -> None:
    url = live_app(make()) + "/catalog/v1/notes"
    answer = httpx.post(url, content=body, headers={"Content-Type": "application/json"}, trust_env=False)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert all(not each["detail"].isascii() for each in answer.json().get("errors", []))
