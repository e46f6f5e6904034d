"""The HTTP client: what it retries, what it raises, how it follows pages."""

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Response

from shared.http.client import ApiClient, ApiProblem
from shared.http.problems import FieldError, Problem, install_problem_handlers


class Moody:
    """An application that is unavailable for its first calls."""

    def __init__(self, failures: int, status: int = 503) -> None:
        self.calls = 0
        self.app = FastAPI()
        install_problem_handlers(self.app)

        @self.app.api_route("/thing", methods=["GET", "POST"])
        def thing() -> str:
            self.calls += 1
            if self.calls <= failures:
                raise Problem(status, "unavailable", "暂时无法使用")
            return "here"


@pytest.mark.parametrize("status", [502, 503])
def test_a_get_is_tried_again(live_app: Callable[[Any], str], status: int) -> None:
    moody = Moody(2, status)
    with ApiClient(live_app(moody.app)) as client:
        assert client.get("/thing") == "here"
    assert moody.calls == 3


def test_a_post_is_not_unless_it_may_be_repeated(live_app: Callable[[Any], str]) -> None:
    moody = Moody(2)
    with ApiClient(live_app(moody.app)) as client:
        with pytest.raises(ApiProblem) as raised:
            client.post("/thing")
        assert (raised.value.status, moody.calls) == (503, 1)
        assert client.post("/thing", headers={"Idempotency-Key": "k"}) == "here"
    assert moody.calls == 3


def test_patience_ends(live_app: Callable[[Any], str]) -> None:
    moody = Moody(1000)
    started = time.monotonic()
    with ApiClient(live_app(moody.app), patience=1.0) as client, pytest.raises(ApiProblem):
        client.get("/thing")
    assert time.monotonic() - started < 5
    assert moody.calls > 1


def test_other_errors_are_told_at_once(live_app: Callable[[Any], str]) -> None:
    moody = Moody(1000, 500)
    with ApiClient(live_app(moody.app)) as client, pytest.raises(ApiProblem):
        client.get("/thing")
    assert moody.calls == 1


def test_a_service_that_comes_up_late_is_waited_for_even_by_a_post() -> None:
    moody = Moody(0)
    with socket.socket() as reserved:
        # bound and not yet listening: a connection is refused
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(moody.app, log_level="warning", ws="none"))

        def come_up() -> None:
            time.sleep(0.6)
            reserved.listen()
            server.run(sockets=[reserved])

        thread = threading.Thread(target=come_up)
        thread.start()
        with ApiClient(f"http://127.0.0.1:{reserved.getsockname()[1]}") as client:
            assert client.post("/thing") == "here"
        server.should_exit = True
        thread.join()


def test_nobody_there(unused_port: int) -> None:
    with ApiClient(f"http://127.0.0.1:{unused_port}", patience=0.3) as client, pytest.raises(httpx.ConnectError):
        client.get("/thing")


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def shop() -> FastAPI:
    app = FastAPI()
    install_problem_handlers(app)

    @app.get("/items")
    def items(after: int = 0, limit: int = 2, colour: str = "any") -> dict[str, Any]:
        shown = list(range(after, min(after + limit, 5)))
        return {
            "items": [{"n": n, "colour": colour} for n in shown],
            "next": after + limit if after + limit < 5 else None,
        }

    @app.get("/file")
    def file() -> Response:
        return Response(b"\x00\x01", media_type="application/octet-stream")

    @app.get("/page")
    def page() -> Response:
        return Response("<h1>proxy</h1>", 504, media_type="text/html")

    @app.get("/refused")
    def refused() -> None:
        raise Problem(409, "odd", "奇怪", "说明", [FieldError(pointer="/a", detail="不对", code="odd")])

    return app


@pytest.fixture
def client(live_app: Callable[[Any], str]) -> Any:
    with ApiClient(live_app(shop()), "a-token") as client:
        yield client


def test_pages_are_followed_with_their_filters(client: ApiClient) -> None:
    found = list(client.pages("/items", colour="red", limit=2))
    assert found == [{"n": n, "colour": "red"} for n in range(5)]


def test_parameters_that_are_none_are_left_out(client: ApiClient) -> None:
    assert client.get("/items", colour=None)["items"][0]["colour"] == "any"


def test_what_is_no_json_comes_as_bytes(client: ApiClient) -> None:
    assert client.get("/file") == b"\x00\x01"


def test_a_problem_keeps_its_members(client: ApiClient) -> None:
    with pytest.raises(ApiProblem) as raised:
        client.get("/refused")
    problem = raised.value
    assert (problem.status, problem.type, problem.title, problem.detail) == (409, "/problems/odd", "奇怪", "说明")
    assert problem.errors == [{"pointer": "/a", "detail": "不对", "code": "odd", "location": "body"}]


def test_an_error_of_something_in_between(client: ApiClient) -> None:
    with pytest.raises(ApiProblem) as raised:
        client.get("/page")
    assert (raised.value.status, raised.value.type, raised.value.detail) == (504, "about:blank", "<h1>proxy</h1>")
