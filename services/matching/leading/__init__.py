"""What a chain leader comes for: its products on their way to the target, their lines, and who could supply them."""
