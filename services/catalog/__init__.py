"""The catalog owns WHO makes and needs WHAT: enterprises, products, needs, purchases, capabilities."""
