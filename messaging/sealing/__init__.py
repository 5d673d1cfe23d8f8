"""Sealing: keys, and what is closed, opened and found again with them. Decides nothing about people."""
