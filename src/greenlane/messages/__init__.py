"""Readers of what others send: the contract's own formats."""
