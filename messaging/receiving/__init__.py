"""Receiving: what people write, what providers tell, and what became of the unknown. Plans nothing."""
