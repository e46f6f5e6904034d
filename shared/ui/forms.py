"""What somebody typed into a form: read by the same wire models as JSON, and kept when it is refused."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from shared.http.auth import CSRF_FIELD
from shared.http.problems import Problem, validation_problem

M = TypeVar("M", bound=BaseModel)

#: Digits of the greatest version that a row can have (a 32-bit integer); int() refuses thousands of them.
_LONGEST_VERSION = 10
_SEPARATORS = re.compile("[、，,；;]")


class Typed:
    """The fields of a form, as they were typed; `typed["name"]` is "" where nothing was."""

    def __init__(self, fields: FormData) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        value = self._fields.get(name, "")
        return value if isinstance(value, str) else ""

    def all(self, name: str) -> list[str]:
        """Each value of a field that may be ticked more than once."""
        return [value for value in self._fields.getlist(name) if isinstance(value, str)]

    @property
    def given(self) -> dict[str, str]:
        """What was filled in, without what only proves where the form came from."""
        return {
            name: value
            for name, value in self._fields.items()
            if isinstance(value, str) and value and name != CSRF_FIELD
        }

    @property
    def version(self) -> int:
        """The version at which a row was shown; 0, which none has, where the form says nothing of the kind."""
        said = self["version"]
        return int(said) if said.isdecimal() and len(said) <= _LONGEST_VERSION else 0

    def as_model(self, model: type[M], **more: Any) -> M:
        """The fields as a wire model, with what the form does not ask; raises a Problem (422) naming each field."""
        return parsed(model, {**self.given, **more})


def parsed(model: type[M], values: Mapping[str, Any]) -> M:
    """Values as a wire model; raises a Problem (422) naming each field."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise validation_problem([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from error


UNTYPED = Typed(FormData())
"""A form that nobody has filled in yet."""


def words_of(text: str) -> list[str]:
    """The words of a list as people type it: 车削、磨削."""
    return [word for each in _SEPARATORS.split(text) if (word := each.strip())]


async def read_typed(request: Request) -> Typed:
    """The form of a request."""
    return Typed(await request.form())


Form = Annotated[Typed, Depends(read_typed)]


def refusals(problem: Problem | None) -> dict[str, str]:
    """What is wrong with each field of a form: its name → the sentence to show under it."""
    return {error.pointer.lstrip("/"): error.detail for error in problem.errors} if problem else {}
