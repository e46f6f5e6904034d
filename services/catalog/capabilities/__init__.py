"""What an SME can make, how much of it, at what price."""
