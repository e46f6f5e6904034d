"""An import step by step: upload, map, preview, apply, cancel, undo; at once or as jobs of a worker."""
