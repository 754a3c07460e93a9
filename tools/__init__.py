"""What sets the house up: packages, browser files, locks.

Nothing here runs while the program runs, and nothing of the program is imported here.
"""
