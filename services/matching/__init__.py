"""Matching owns WHICH SME fits WHICH need, why, and what people decided about it."""
