"""Privacy in a running host: the ledger of erasures, erasing and sweeping, exports as files."""
