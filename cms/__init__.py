"""Routes, facts, pathways, claims, contact points and messages as texts. Knows of no sending."""
