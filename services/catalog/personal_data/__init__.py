"""A person's data: all that the system knows of somebody, told to that person, and forgotten when asked.

Names and addresses stand in few places, and nowhere in the audit, which knows accounts by their ids. So a person is
forgotten by emptying those places; what the account did stays, done by an account that is nobody's any more.
"""
