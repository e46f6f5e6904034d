"""What others are told of needs: levels that leaders set, and demand at large in bands with enough leaders behind."""
