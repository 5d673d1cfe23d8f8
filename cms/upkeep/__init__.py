"""Keeping content true: what asks for an editor, how far each language is, and acts of one tap."""
