"""What safety does: one coroutine an RPC, event heard, start or job."""
