"""Notices to the parties, and their delivery to receivers by the Standard Webhooks scheme."""
