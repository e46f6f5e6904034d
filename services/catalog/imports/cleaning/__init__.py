"""From cells to values: what each field takes, rows with their problems, rules over a row, rows said twice."""
