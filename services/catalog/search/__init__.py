"""Finding enterprises, products, capabilities and needs by words, and enterprises whose names are alike."""
