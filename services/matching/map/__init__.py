"""The map of the province: each city with its rate and its spend, and what flows between cities."""
