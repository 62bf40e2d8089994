"""The wire: protobuf to attrs and back, compiled once at the start and compared with the contracts."""
