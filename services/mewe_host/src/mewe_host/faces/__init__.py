"""The two faces: gRPC, and HTTP with Connect; both generic by descriptor, both in front of one guard."""
