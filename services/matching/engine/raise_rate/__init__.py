"""The plan that raises the rate most: the market in arrays, its flow network, and the plan under minimums."""
