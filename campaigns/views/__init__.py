"""Pages of the desk: read, ask a service, answer. GET never writes."""
