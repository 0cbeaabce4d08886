"""The manager's window: one tab a file; the medical lead and the inspector see the same tabs by their rights."""
