"""Pages of staff who look after safety: alarms, retention, countries, words, campaigns, keys."""
