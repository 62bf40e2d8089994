"""Privacy requests of one's own: to see everything, to be erased; undoing an erasure with an adult; the receipt."""
