"""Adapters to the other side: one file per provider. The only rooms that open a network connection."""
