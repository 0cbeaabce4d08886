"""Data the program ships: protocols, keys, vocabularies, theme, icons, cases, manual. No code."""
