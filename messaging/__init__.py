"""Subscribers, consent, senders, deliveries and receipts. Knows of no page and no campaign."""
