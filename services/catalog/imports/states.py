"""Where an import is, and which step may be taken from there: the one table that code, answers and tests read."""

from collections.abc import Mapping
from enum import StrEnum

from shared.http.problems import Problem, conflict


class State(StrEnum):
    """Where an import is. Nothing of it is in the catalog but while it is `APPLIED`."""

    UPLOADED = "uploaded"
    PREVIEWED = "previewed"
    APPLIED = "applied"
    CANCELLED = "cancelled"
    UNDONE = "undone"


class Step(StrEnum):
    """What may be asked of an import."""

    MAP = "map"
    PREVIEW = "preview"
    APPLY = "apply"
    CANCEL = "cancel"
    UNDO = "undo"


STATE_NAMES: Mapping[State, str] = {
    State.UPLOADED: "已上传",
    State.PREVIEWED: "已预览",
    State.APPLIED: "已导入",
    State.CANCELLED: "已取消",
    State.UNDONE: "已撤销",
}

STEPS: Mapping[Step, tuple[frozenset[State], State]] = {
    Step.MAP: (frozenset({State.UPLOADED, State.PREVIEWED}), State.UPLOADED),
    Step.PREVIEW: (frozenset({State.UPLOADED, State.PREVIEWED}), State.PREVIEWED),
    Step.APPLY: (frozenset({State.PREVIEWED}), State.APPLIED),
    Step.CANCEL: (frozenset({State.UPLOADED, State.PREVIEWED}), State.CANCELLED),
    Step.UNDO: (frozenset({State.APPLIED}), State.UNDONE),
}
"""For each step the states that it may be taken from, and the state that it leads to."""

_INSTEAD: Mapping[Step, str] = {
    Step.MAP: "请重新上传文件。",
    Step.PREVIEW: "请重新上传文件。",
    Step.APPLY: "请先预览，再确认导入。",
    Step.CANCEL: "已写入的导入请用“撤销”。",
    Step.UNDO: "只有已导入的才能撤销。",
}


def wrong_state(step: Step, state: State) -> Problem:
    """Build the answer (409) to a step that may not be taken from where the import is."""
    return conflict("当前状态不允许此操作", f"该导入现为“{STATE_NAMES[state]}”。{_INSTEAD[step]}", "wrong-state")
