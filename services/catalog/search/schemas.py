"""Wire models of the search."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel


class Hit(BaseModel):
    """A row that was found: its name, and where the words are: in the `name`, its `initials`, or around `excerpt`."""

    id: UUID
    name: str
    found_in: Literal["name", "initials", "text"]
    excerpt: str = ""
    href: str


class Group(BaseModel):
    """What was found of one kind, the best first; `more` says that there is more than was asked for."""

    kind: str
    label: str
    hits: list[Hit]
    more: bool


class Similar(BaseModel):
    """An enterprise whose name is like another's; `score` 0 to 100, 100 for the same name but for form and place."""

    id: UUID
    name: str
    credit_code: str | None
    score: int


class SimilarPair(BaseModel):
    """Two enterprises with names alike and different credit codes: one firm twice, or two to be told apart."""

    score: int
    one: Similar
    other: Similar


class SimilarPairs(BaseModel):
    """The pairs most alike; `more` says that there are more than was asked for."""

    pairs: list[SimilarPair]
    more: bool


class Newcomer(BaseModel):
    """An enterprise that an import created, and those with names like its own."""

    id: UUID
    name: str
    credit_code: str | None
    similar: list[Similar]
