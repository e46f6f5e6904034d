"""The files that are sent in: opened apart from the service, read as sheets of cells, hostile ones refused."""
