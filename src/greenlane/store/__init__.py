"""The room of the database: schema, events, rows and queries on PostgreSQL."""
