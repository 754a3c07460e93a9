"""The send engine: stage, claim, hand over, record, recover. It knows the tables and the providers, not the web and not RQ."""
