"""A POST under its key: carried out once, answered the same byte for byte, and never half."""

import threading
from collections.abc import Callable
from typing import Annotated, Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from fastapi import APIRouter, FastAPI, File, Request, Response, UploadFile
from pydantic import BaseModel
from sqlalchemy import text
from starlette.responses import StreamingResponse

from shared.http.application import service_application
from shared.http.auth import CurrentActor
from shared.http.problems import Problem, conflict
from shared.http.responses import json_response
from shared.http.sessions import DbSession
from shared.security.actor import Role
from tests.conftest import Clone, Signing

ROUTER = APIRouter(prefix="/catalog/v1")
ENTERED, GO_ON = threading.Event(), threading.Event()


class Note(BaseModel):
    text: str
    fails: str = ""


def write(session: DbSession, note: str) -> None:
    session.execute(text("INSERT INTO kept_note (note) VALUES (:note)"), {"note": note})


@ROUTER.post("/notes", status_code=201)
def post_note(session: DbSession, actor: CurrentActor, note: Note) -> Response:
    write(session, note.text)
    if note.fails == "before":
        raise conflict("不行")
    session.commit()
    if note.fails == "after":
        raise Problem(409, "outdated", "已更新，请再看一遍")
    if note.fails == "bug":
        raise RuntimeError(note.text)
    write(session, "never committed")
    return json_response({"id": str(uuid4()), "by": actor.subject}, 201, {"ETag": '"1"', "Location": "/x"})


@ROUTER.post("/stumbling-notes")
def post_after_stumbling(session: DbSession, _: CurrentActor, note: Note) -> Response:
    """A use case that tries, goes back, and writes something else, twice."""
    write(session, "taken back")
    session.rollback()
    write(session, note.text)
    session.commit()
    with session.begin_nested():
        write(session, f"{note.text} again")
    session.commit()
    write(session, "taken back as well")
    session.rollback()
    return json_response({"id": str(uuid4())})


@ROUTER.post("/slow-notes")
def post_slowly(session: DbSession, _: CurrentActor, note: Note) -> Response:
    ENTERED.set()
    GO_ON.wait(10)
    write(session, note.text)
    session.commit()
    return json_response({"id": str(uuid4())})


@ROUTER.post("/files")
def post_file(actor: CurrentActor, session: DbSession, file: Annotated[UploadFile, File()]) -> Response:
    write(session, file.file.read().decode())
    session.commit()
    return json_response({"id": str(uuid4()), "by": actor.subject})


@ROUTER.post("/streams")
async def post_lines(request: Request, _: CurrentActor) -> Response:
    """A route that has a session of its own, reads the body itself, and answers in pieces."""
    body = b"".join([chunk async for chunk in request.stream()])
    with request.app.state.database.session() as session:
        write(session, body.decode())
        session.commit()
    return StreamingResponse(iter([b"one\n", uuid4().bytes]), media_type="application/x-ndjson")


@ROUTER.post("/public")
def post_without_token() -> Response:
    return json_response({"id": str(uuid4())})


@pytest.fixture
def app(catalog_clone: Clone, signing: Signing) -> FastAPI:
    with psycopg.connect(catalog_clone.owner) as owner:
        owner.execute("CREATE TABLE kept_note (note text NOT NULL)")
    return service_application("catalog", "试", "", [ROUTER], database_url=catalog_clone.app, keys=signing.jwks_file)


@pytest.fixture
def base(app: FastAPI, live_app: Callable[[FastAPI], str]) -> str:
    return live_app(app) + "/catalog/v1"


@pytest.fixture
def post(base: str, signing: Signing) -> Callable[..., httpx.Response]:
    def send(path: str, key: str | None = "k", subject: str = "甲", **options: Any) -> httpx.Response:
        token = signing.token(Role.REVIEWER, subject=subject)
        headers = {"Authorization": f"Bearer {token}"} | ({} if key is None else {"Idempotency-Key": key})
        return httpx.post(base + path, headers=headers, trust_env=False, timeout=20, **options)

    return send


def notes(clone: Clone) -> list[str]:
    with psycopg.connect(clone.owner) as owner:
        return [note for (note,) in owner.execute("SELECT note FROM kept_note ORDER BY note")]


Post = Callable[..., httpx.Response]


def test_the_same_key_and_body_give_the_same_answer(post: Post, catalog_clone: Clone) -> None:
    first = post("/notes", json={"text": "一"})
    again = post("/notes", json={"text": "一"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for name in ("etag", "location", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert notes(catalog_clone) == ["一"]


def test_without_a_key_or_under_another_it_is_done_again(post: Post, catalog_clone: Clone) -> None:
    answers = [post("/notes", key=key, json={"text": "一"}).content for key in ("k", "l", None, None)]
    assert len(set(answers)) == 4
    assert notes(catalog_clone) == ["一"] * 4


def test_the_key_is_the_actors_own(post: Post) -> None:
    assert post("/notes", json={"text": "一"}).json()["by"] == "甲"
    assert post("/notes", subject="乙", json={"text": "一"}).json()["by"] == "乙"


@pytest.mark.parametrize(
    ("path", "options"),
    [("/notes", {"json": {"text": "二"}}), ("/slow-notes", {"json": {"text": "一"}})],
    ids=["body", "address"],
)
def test_another_request_under_the_key_is_refused(
    post: Post, catalog_clone: Clone, path: str, options: dict[str, Any]
) -> None:
    assert post("/notes", json={"text": "一"}).status_code == 201
    refused = post(path, **options)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert refused.json()["title"] == "幂等键已用于另一个请求"
    assert refused.json()["detail"] == "请为新的请求换一个 Idempotency-Key。"
    assert refused.json()["errors"][0]["pointer"] == "/Idempotency-Key"
    assert notes(catalog_clone) == ["一"]


def test_while_it_is_carried_out_the_key_is_in_use(post: Post, catalog_clone: Clone) -> None:
    ENTERED.clear(), GO_ON.clear()
    found: list[httpx.Response] = []
    first = threading.Thread(target=lambda: found.append(post("/slow-notes", json={"text": "一"})))
    first.start()
    assert ENTERED.wait(10)
    refused = post("/slow-notes", json={"text": "一"})
    GO_ON.set()
    first.join()
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/idempotency-key-in-use")
    assert (refused.json()["title"], refused.headers["retry-after"]) == ("同一请求正在处理", "1")
    assert post("/slow-notes", json={"text": "一"}).content == found[0].content
    assert notes(catalog_clone) == ["一"]


@pytest.mark.parametrize("fails", ["before", "bug"])
def test_a_refused_request_does_not_burn_its_key(post: Post, catalog_clone: Clone, fails: str) -> None:
    refused = post("/notes", json={"text": "一", "fails": fails})
    assert refused.status_code == {"before": 409, "bug": 500}[fails]
    assert post("/notes", json={"text": "二"}).status_code == 201
    assert notes(catalog_clone) == (["二"] if fails == "before" else ["一", "二"])


def test_what_was_committed_before_a_refusal_stays(post: Post, catalog_clone: Clone) -> None:
    assert post("/notes", json={"text": "一", "fails": "after"}).status_code == 409
    assert notes(catalog_clone) == ["一"]


def test_commits_and_rollbacks_within_a_use_case_mean_what_they_say(post: Post, catalog_clone: Clone) -> None:
    first = post("/stumbling-notes", json={"text": "一"})
    assert post("/stumbling-notes", json={"text": "一"}).content == first.content
    assert notes(catalog_clone) == ["一", "一 again"]


def test_a_form_is_the_same_whatever_its_boundary(post: Post, catalog_clone: Clone) -> None:
    first, again = (post("/files", files={"file": ("a.csv", b"x,y")}) for _ in range(2))
    assert first.request.headers["content-type"] != again.request.headers["content-type"]
    assert again.content == first.content
    assert post("/files", files={"file": ("a.csv", b"x,z")}).status_code == 422
    assert notes(catalog_clone) == ["x,y"]


def test_a_route_with_a_session_of_its_own(post: Post, catalog_clone: Clone) -> None:
    first, again = (post("/streams", content=b"one") for _ in range(2))
    assert again.content == first.content
    assert again.headers["content-type"] == "application/x-ndjson"
    assert notes(catalog_clone) == ["one"]


def test_where_nobody_is_known_no_answer_is_kept(post: Post) -> None:
    assert post("/public").content != post("/public").content


def test_after_a_day_the_key_is_free(post: Post, catalog_clone: Clone) -> None:
    first = post("/notes", json={"text": "一"})
    with psycopg.connect(catalog_clone.owner) as owner:
        owner.execute("UPDATE kept_answer SET kept_at = kept_at - interval '24 hours'")
    assert post("/notes", json={"text": "二"}).content != first.content
    with psycopg.connect(catalog_clone.owner) as owner:
        assert owner.execute("SELECT count(*) FROM kept_answer").fetchone() == (1,)


@pytest.mark.parametrize("key", ["", "有字", "x" * 201, "a b"])
def test_a_key_that_is_none(base: str, signing: Signing, key: str) -> None:
    headers = [
        (b"Authorization", f"Bearer {signing.token(Role.REVIEWER)}".encode()),
        (b"Idempotency-Key", key.encode()),
    ]
    answer = httpx.post(f"{base}/notes", headers=headers, json={"text": "一"}, trust_env=False)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-idempotency-key")
    assert answer.json()["errors"][0]["detail"] == "应为 1 至 200 个可见的 ASCII 字符，例如一个 UUID。"


def test_when_the_answer_cannot_be_kept_nothing_is_done(post: Post, catalog_clone: Clone) -> None:
    with psycopg.connect(catalog_clone.owner) as owner:
        owner.execute("ALTER TABLE kept_answer ADD CONSTRAINT none CHECK (false)")
    refused = post("/notes", json={"text": "一"})
    assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
    assert notes(catalog_clone) == []
