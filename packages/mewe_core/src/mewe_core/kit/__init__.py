"""What every feature stands on: features, ports, access, events, personal data, errors."""
