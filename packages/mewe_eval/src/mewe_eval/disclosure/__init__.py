"""Publishing numbers about few, young people: what may be shown, so that nobody can work out what is hidden."""
