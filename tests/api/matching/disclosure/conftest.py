"""The routes of review and disclosure over suggestions to review."""

from tests.api.matching.cooperation.conftest import matching_clone, review, review_template

__all__ = ["matching_clone", "review", "review_template"]
