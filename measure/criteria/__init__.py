"""Response criteria as tables: one read in, every criterion and scope out."""
