"""Money, findings, identifiers, digests and pseudonyms."""
