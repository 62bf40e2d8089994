"""Who has said yes or no to what: records of consent, and what follows from them."""
