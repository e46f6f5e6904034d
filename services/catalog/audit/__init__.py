"""The catalog's audit: what its entries consist of. Rows with a history are told of by it, others by `audit_change`.

The history holds each row as it was before a change; what it became is what the next change found, or the row itself.
So the chain proves every former state, and who made the present one, when and why.
"""
