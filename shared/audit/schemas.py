"""Wire models of the audit."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field


class ChangeOut(BaseModel):
    """What became of one row: the fields that are not what they were; decimals travel as strings.

    Of `concealed` fields (secrets, names, addresses) nothing is told but that they changed.
    """

    kind: str = Field(description="种类，例如 enterprise、account、suggestion")
    entity: str = Field(description="编号")
    op: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    concealed: list[str]


class EntryOut(BaseModel):
    """One entry of the audit, with its first changes; `seq` and `hash` are those of its seal, once it has one."""

    id: int
    seq: int | None = Field(description="链中的序号；封存之前为空")
    at: datetime
    actor: str = Field(description="账号的假名 account:…、程序 client:…，或进程")
    role: str | None
    on_behalf_of: UUID | None = Field(description="所代表的企业")
    verb: str = Field(description="操作，即接口的 operationId；不经接口的为变更的动作")
    reason: str
    address: str | None = Field(description="所在网段")
    request: str | None = Field(description="请求编号 X-Request-ID")
    agent: str | None
    change_count: int | None
    what: list[ChangeOut] = Field(description="前 20 项变更")
    hash: str | None
