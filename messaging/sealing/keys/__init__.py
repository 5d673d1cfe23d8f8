"""Where keys come from: the environment or a file, read at the start, and a key service (KMS)."""
