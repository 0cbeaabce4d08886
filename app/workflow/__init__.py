"""The use cases as plain functions; what they need of storage is named in ports.py."""
