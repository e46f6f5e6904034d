"""Optimistic locking over HTTP: a version as ETag, and the If-Match that a change must carry."""

import re
from typing import Annotated

from fastapi import Depends, Header

from shared.http.problems import FieldError, Problem, precondition_required


def etag(version: int) -> str:
    """The strong entity tag of a version."""
    return f'"{version}"'


def read_if_match(if_match: Annotated[str | None, Header(description='读取时的 ETag，例如 "3"')] = None) -> int:
    """The version that the caller's change is based on; 428 when it is not told, 400 when it cannot be read."""
    if if_match is None:
        raise precondition_required()
    found = re.fullmatch(r'"(\d{1,9})"', if_match.strip())
    if found is None:
        error = FieldError(pointer="/If-Match", detail='应为带引号的版本号，例如 "3"。', code="etag", location="header")
        raise Problem(400, "bad-precondition", "版本写法有误", errors=[error])
    return int(found[1])


IfMatch = Annotated[int, Depends(read_if_match)]
