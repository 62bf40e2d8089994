"""Who somebody is here: pseudonymous persons, invitations, device sessions, organisations and roles in them."""
