"""Joining: the ways in, by form, by message, from a partner's list. A proven yes is `consenting`'s."""
