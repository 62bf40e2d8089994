"""Tables and statements of the programme: one module a kind of thing."""
