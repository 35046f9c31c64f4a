"""The web room against a real engine, a real PostgreSQL, a real HTTP client and a real browser."""
