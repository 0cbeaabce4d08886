"""The manager's window: one tab a file; medical lead and inspector see the same tabs by their rights."""
