"""Pure rules over plain values and frozen dataclasses. No database, no network, no clock: `now` and `today` are parameters."""
