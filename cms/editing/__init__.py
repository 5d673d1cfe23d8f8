"""The editors' screens for a text that is saved, read, taken live or deleted. Decides nothing itself."""
