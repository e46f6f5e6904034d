"""Leading products, bills of materials, the needs that they explode into, and what was purchased."""
