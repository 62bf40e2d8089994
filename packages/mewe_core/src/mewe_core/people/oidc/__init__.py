"""Staff sign in where they work: OpenID Connect, several issuers, claims to roles by the mix."""
