"""GitHub's GraphQL API: the schema in its own language, one Python class for each of its types."""
