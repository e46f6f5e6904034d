"""One pair at a time, for people: each rule with its evidence, the parts of the score. The arrays agree with it."""
