"""One analysis over several countries in which no person's data leaves its country, and the hub sees nothing but totals."""
