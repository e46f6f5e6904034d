"""As of when the mirror is: said with whatever is told out of it."""

from datetime import datetime

from fastapi import Request

from services.matching.clock import CHINA
from services.matching.mirror import service
from services.matching.mirror.service import Position
from shared.clock import utc_now


def sentence(position: Position, now: datetime) -> str:
    """As of when it is what the catalog holds, by the clock in China, and how long ago that was at `now`."""
    if position.caught_up_at is None:
        return "尚未读到目录的全部数据。"
    moment = f"{position.caught_up_at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
    if position.rebuilding:
        return f"正在从头重读目录；在此之前，数据截至 {moment}。"
    seconds = max(int((now - position.caught_up_at).total_seconds()), 0)
    return f"目录数据截至 {moment}，滞后 {seconds} 秒。"


def told_with_exports(request: Request) -> str:
    """The sentence of now, for an export of the application."""
    with request.app.state.database.session() as session:
        return sentence(service.position(session), utc_now())
