"""Upkeep: what goes when its time is over, and what is sealed anew under another key. Asks nobody."""
