"""Which part of a long list is shown: "Anzeige je 25/50/100/alle" and the page's number. The lists are elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace

ALL = "all"
PAGE_SIZES = ("25", "50", "100", ALL)
#: A browser on an old machine stays usable up to about here; "alle" draws so many rows and pages on.
DRAWN_AT_MOST = 1_000


@dataclass(frozen=True, slots=True)
class ListPage:
    """`number` counts from 1; `per_page` is one of PAGE_SIZES."""

    number: int = 1
    per_page: str = "25"

    @property
    def size(self) -> int:
        return DRAWN_AT_MOST if self.per_page == ALL else int(self.per_page)

    @property
    def start(self) -> int:
        """Number of the first row, from 0."""
        return (self.number - 1) * self.size

    def within(self, total: int) -> ListPage:
        """This page, or the last one that `total` rows have."""
        return replace(self, number=max(1, min(self.number, -(-total // self.size))))
