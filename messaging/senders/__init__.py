"""Senders: which serves a country, how fast it goes, what is left of its day, what halts it. No batch."""
