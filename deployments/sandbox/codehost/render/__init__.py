"""GitHub's JSON for every kind of thing, field for field as its OpenAPI description has them."""
