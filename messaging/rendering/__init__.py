"""Messages to bytes: MIME and letters. No database, no network."""
