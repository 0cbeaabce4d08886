"""One click or one stroke to a lesion mask."""
