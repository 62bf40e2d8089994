"""Who calls, and the secrets of a country: keys in a folder, identifiers, and whose tokens are good."""
