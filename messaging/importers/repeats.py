"""Finds keys that stand in a file more than once, in memory that does not grow with the file.

First every key is noted as one bit; a bit that is hit twice is suspicious. On the second way through the file only keys with a
suspicious bit are remembered, which are the repeated ones and a few by chance (0.3 % at 100,000 keys).
"""

from __future__ import annotations

_BITS = 1 << 24  # 2 MB


class Repeats:
    """Note every key once, in any order; then ask for every key in the order of the file."""

    def __init__(self) -> None:
        self._seen = bytearray(_BITS // 8)
        self._suspicious: set[int] = set()
        self._first_rows: dict[str, int] = {}

    def note(self, key: str) -> None:
        place = hash(key) % _BITS
        byte, mask = place >> 3, 1 << (place & 7)
        if self._seen[byte] & mask:
            self._suspicious.add(place)
        self._seen[byte] |= mask

    def earlier_row(self, key: str, row: int) -> int | None:
        """Return the row of the file in which this key stood first, None if that is this row."""
        if not key or hash(key) % _BITS not in self._suspicious:
            return None
        first = self._first_rows.setdefault(key, row)
        return None if first == row else first
