"""What the left hand-button does: each tool a small state machine over patient points."""
