"""Where features keep their rows: SQLite (one file a feature) or PostgreSQL (one schema a feature), and their migrations."""
