"""Keys and tokens: the catalog signs, both services verify."""
