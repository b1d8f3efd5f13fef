"""The invented party-building web that ships with the package."""
