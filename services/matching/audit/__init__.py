"""Matching's audit: what its entries consist of. Steps of suggestions are told of by their events, all else by
`audit_change`; the mirror is the catalog's to account for.
"""
