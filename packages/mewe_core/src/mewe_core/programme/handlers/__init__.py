"""What the programme does: one coroutine an RPC, one module a service, groups in four."""
