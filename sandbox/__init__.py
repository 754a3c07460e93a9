"""The other side, for the demo and the tests: servers that answer like real providers.

Nothing in the program itself imports this room.
"""
