"""Many rows of one kind in one request: read and checked line by line, written in one transaction."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel
from sqlmodel import Session

from services.catalog.feed import service as feed
from services.catalog.history import service as history
from services.catalog.imports.outcomes import Mode
from services.catalog.kinds import EntityKind
from services.catalog.writing import checks
from services.catalog.writing.remarks import Remarks, remarks
from services.catalog.writing.service import attempt
from shared.db.upserts import Change, Outcome
from shared.http.problems import Problem, conflict
from shared.http.responses import json_bytes
from shared.security.actor import Actor

#: Rows that are written with one statement; a chunk that is refused is halved until the rows at fault are found.
_CHUNK = 5000
#: Rows in one request: all of them are in memory, and other writers wait while they are written.
MOST_ROWS = 100_000
#: Rows that their feature refuses one by one, before the rest is left alone: finding each takes a dozen statements.
_PATIENCE = 100


@dataclass
class Line:
    """A line of the request that is not blank: its number, the row that it describes, and what became of it."""

    number: int
    row: BaseModel | None = None
    outcome: Outcome | None = None
    problem: Problem | None = None


@dataclass
class Answer:
    """What became of each line; `written` false: of none, since one was refused and the mode wants all or nothing."""

    lines: list[Line] = field(default_factory=list)
    written: bool = True
    remarks: Remarks = field(default_factory=dict)

    def told(self) -> Iterator[bytes]:
        """The answer as newline-delimited JSON."""
        for line in self.lines:
            yield json_bytes(self._of(line)) + b"\n"

    def _of(self, line: Line) -> dict[str, Any]:
        if line.problem is not None:
            return {"row": line.number, "problem": line.problem.body()}
        if line.outcome is None or not self.written:
            return {"row": line.number, "outcome": "not_written"}
        told = {"row": line.number, "outcome": line.outcome.change.value, "id": line.outcome.id}
        return {**told, **self.remarks.get(line.outcome.id, {})}


def write_lines(
    session: Session, actor: Actor, kind: EntityKind, content: Iterable[bytes], mode: Mode, reason: str = ""
) -> Answer:
    """Create or change the rows that the lines describe; what became of each. Commits.

    Nothing is locked while the lines are read. 413 for too many of them.
    """
    answer = Answer(list(_read(kind, content)))
    good = [line for line in answer.lines if line.row is not None]
    _refuse_dangling(session, kind, good)
    if mode is Mode.ALL_OR_NOTHING and any(line.problem for line in answer.lines):
        answer.written = False
        return answer
    feed.take_turn(session)
    history.sign(session, actor, reason=reason)
    writing = _Writing(session, actor, kind)
    for start in range(0, len(good), _CHUNK):
        writing.write(good[start : start + _CHUNK])
    answer.written = mode is Mode.VALID_ROWS or not any(line.problem for line in answer.lines)
    if answer.written:
        session.commit()
        answer.remarks = remarks(session, kind, _created(answer.lines))
    return answer


def _read(kind: EntityKind, content: Iterable[bytes]) -> Iterator[Line]:
    """The lines that are not blank, each with its row or its problem."""
    seen: dict[tuple[Any, ...], int] = {}
    for count, (number, text) in enumerate(_filled(content), start=1):
        if count > MOST_ROWS:
            raise Problem(413, "too-many-rows", "行数过多", f"一次最多 {MOST_ROWS} 行，请分几次提交。")
        line = Line(number)
        try:
            line.row = checks.read(kind, _fields(text))
            line.problem = checks.repeated(kind, line.row, seen, number)
        except Problem as problem:
            line.problem = problem
        if line.problem is not None:
            line.row = None
        yield line


def _filled(content: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    return ((number, text) for number, text in enumerate(content, start=1) if text.strip())


def _fields(text: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Problem(422, "validation", "提交的内容有误", "这一行不是有效的 JSON。") from error
    if not isinstance(found, dict):
        raise Problem(422, "validation", "提交的内容有误", "每一行应为一个 JSON 对象。")
    return found


def _refuse_dangling(session: Session, kind: EntityKind, lines: Sequence[Line]) -> None:
    """Refuse the rows that refer to what is not there, before anybody has to wait for this request."""
    for start in range(0, len(lines), _CHUNK):
        chunk = lines[start : start + _CHUNK]
        problems = checks.dangling(session, kind, [line.row for line in chunk if line.row is not None])
        for line, problem in zip(chunk, problems, strict=True):
            line.problem = problem


def _created(lines: Sequence[Line]) -> list[UUID]:
    return [line.outcome.id for line in lines if line.outcome and line.outcome.change is Change.CREATED]


@dataclass
class _Writing:
    """Rows on their way into the tables, and how many more of them may be refused."""

    session: Session
    actor: Actor
    kind: EntityKind
    patience: int = _PATIENCE

    def write(self, lines: Sequence[Line]) -> None:
        """Write the rows together; if they are refused, each half by itself, until the rows at fault stand alone."""
        waiting = [line for line in lines if line.problem is None]
        if not waiting:
            return
        try:
            outcomes = attempt(self.session, self.actor, self.kind, [line.row for line in waiting if line.row])
        except Problem as problem:
            self._divide(waiting, problem)
        else:
            for line, outcome in zip(waiting, outcomes, strict=True):
                line.outcome = outcome

    def _divide(self, lines: Sequence[Line], problem: Problem) -> None:
        if len(lines) == 1 or not self.patience:
            self.patience = max(self.patience - 1, 0)
            for line in lines:
                line.problem = problem if len(lines) == 1 else _LEFT_ALONE
            return
        half = len(lines) // 2
        self.write(lines[:half])
        self.write(lines[half:])


_LEFT_ALONE = conflict("没有写入", f"已有 {_PATIENCE} 行被拒绝，其余各行没有再试；请更正后重新提交。", "left-alone")
