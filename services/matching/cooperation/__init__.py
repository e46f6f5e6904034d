"""Cooperations, from the supplier's consent to the invoices: modes, contracts, purchases that count, the funnel."""
