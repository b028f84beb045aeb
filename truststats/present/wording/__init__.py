"""Words, numbers and names in the reader's language."""
