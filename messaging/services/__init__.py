"""Use cases that views, jobs and the command line call. They know tables and the outbox, not HTTP and not RQ."""
