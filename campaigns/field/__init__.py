"""Field work beside broadcasts: joining, lists, questions, contact points, sessions. No broadcast."""
