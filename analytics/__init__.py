"""Reads the ledger of deliveries and counts reach. Nothing imports it but config."""
