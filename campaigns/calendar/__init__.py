"""Calendar: what is planned and what was sent, as a list, by days, as a private feed. Changes nothing."""
