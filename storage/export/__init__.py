"""Rows out: CSV tables and manifest."""
