"""The history of every row: who changed what, when, why, and in which import; bringing back what was deleted."""
