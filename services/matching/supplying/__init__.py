"""What a supplier comes for: invitations, its word on them, and what stands between it and more orders."""
