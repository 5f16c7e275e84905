"""The vault of people's data: keys, pseudonyms, purposes, retention, audit chain."""
