"""The screens: no SQL, no rules."""
