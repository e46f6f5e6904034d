"""The catalog owns WHO makes and needs WHAT: enterprises, products, bills of materials, needs, purchases, capabilities."""
