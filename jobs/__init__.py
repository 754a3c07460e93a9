"""RQ: thin functions that take ids, their queues, the worker, the periodic table and the command line. No rule lives here."""
