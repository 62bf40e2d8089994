"""Passkeys: signing in with what a device or a key holds, without a password, an e-mail or an account name."""
