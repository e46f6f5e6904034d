"""HTTP mechanism: problem details, paging, authentication, the client."""
