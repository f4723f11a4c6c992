"""Alembic migrations of the schema; storage/schema.py runs them."""
