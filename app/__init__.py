"""The trial program: workflow, view-models, windows, and the two places that put the parts together."""
