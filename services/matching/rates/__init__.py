"""The local supporting rate by basis, scope, period and stage, never without its definition."""
