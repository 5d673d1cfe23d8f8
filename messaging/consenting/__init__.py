"""Consenting: who may be written to, by a ledger that only grows. Writes to nobody."""
