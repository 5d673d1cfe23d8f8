"""Notifying: single service messages, their words, what WhatsApp says of wordings. Plans nothing."""
