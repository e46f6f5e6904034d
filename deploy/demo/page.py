"""The report as one self-contained page: no script, no font, no picture from anywhere else."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from deploy.demo.charts import diagnosis_chart, rates_chart
from deploy.demo.figures import TEN_THOUSAND, RateRow, Report
from shared.text.figures import say_percent

SHOWN_PROBLEMS = 200


def write_page(report: Report, path: Path) -> None:
    """Write the report to `path` as HTML."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
    )
    parts = [(part["class"], part["label"], part["amount"]) for part in report.diagnosis]
    path.write_text(
        environment.get_template("report.html.j2").render(
            report=report,
            percent=say_percent,
            shortfall=shortfall,
            points=_points,
            rates_chart=rates_chart,
            diagnosis_chart=diagnosis_chart,
            parts=[part for part in parts if part[2]],
            parts_total=sum(amount for _, _, amount in parts),
            problems=report.problems[:SHOWN_PROBLEMS],
            problem_total=len(report.problems),
        ),
        "utf-8",
    )


def _points(missing: int, spend: int) -> str:
    """A shortfall in percentage points, rounded up: it is never read as nothing."""
    return f"{-(-10_000 * missing // spend) / 100:.2f} 点"


def shortfall(row: RateRow) -> int:
    """What is missing to the target, in the row's unit, rounded up: nothing less would reach it."""
    return -(-row.target * row.spend // TEN_THOUSAND) - row.projected
