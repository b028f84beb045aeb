"""Cards: what a result says first, as text and as HTML."""
