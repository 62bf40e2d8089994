"""Reading across a boundary in an emergency: for a reason, for a short time, and never without a second person who knows."""
