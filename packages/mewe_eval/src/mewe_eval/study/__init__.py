"""What a study has found out so far: who takes part, what they answered, and what its protocol makes of that."""
