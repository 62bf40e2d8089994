"""What safety keeps, and the statements that read and change it."""
