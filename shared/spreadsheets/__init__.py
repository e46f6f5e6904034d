"""Tables out: .xlsx and .csv that no spreadsheet program mistakes for formulas."""
