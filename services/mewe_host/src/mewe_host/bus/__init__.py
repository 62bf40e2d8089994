"""Events between features, and streams to those who watch: the embedded NATS server, relays, listeners, live topics."""
