"""Finds keys that stand in a file more than once, in memory that does not grow with the file.

First every key is noted as one bit; a bit that is hit twice is suspicious. On the second way through the file only keys with a
suspicious bit are kept, which are the repeated ones and a few by chance (0.3 % at 100,000 keys).
"""

from __future__ import annotations

_BITS = 1 << 24  # 2 MB


class Repeats:
    """Note every key once, in any order; then, in the order of the file, ask for every key and keep those that are taken over."""

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

    def keep(self, key: str, row: int) -> None:
        """Remember that the row with this key is taken over; a row that is refused keeps no later one out."""
        if key and hash(key) % _BITS in self._suspicious:
            self._first_rows.setdefault(key, row)

    def earlier_row(self, key: str) -> int | None:
        """Return the row of the file that was taken over under this key, None if there is none."""
        return self._first_rows.get(key)
