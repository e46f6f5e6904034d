"""The routes of the audit over suggestions to review."""

from tests.api.matching.cooperation.conftest import matching_clone, review_template

__all__ = ["matching_clone", "review_template"]
