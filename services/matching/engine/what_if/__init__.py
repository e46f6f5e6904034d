"""What would be if: exact values of cures and of capacity, and plans' bounds after any change, from a kept optimum."""
