"""The providers: they talk HTTP, return values and decide nothing."""
