"""Countries as they stand on a letter: a code or a name as typed becomes the German name. No rule about letters lives here."""

GERMANY = "Deutschland"

_NAMES = {
    "AL": "Albanien",
    "AT": "Österreich",
    "AU": "Australien",
    "BA": "Bosnien und Herzegowina",
    "BE": "Belgien",
    "BG": "Bulgarien",
    "BR": "Brasilien",
    "BY": "Belarus",
    "CA": "Kanada",
    "CH": "Schweiz",
    "CN": "China",
    "CY": "Zypern",
    "CZ": "Tschechien",
    "DE": GERMANY,
    "DK": "Dänemark",
    "EE": "Estland",
    "ES": "Spanien",
    "FI": "Finnland",
    "FR": "Frankreich",
    "GB": "Vereinigtes Königreich",
    "GR": "Griechenland",
    "HR": "Kroatien",
    "HU": "Ungarn",
    "IE": "Irland",
    "IL": "Israel",
    "IN": "Indien",
    "IS": "Island",
    "IT": "Italien",
    "JP": "Japan",
    "LI": "Liechtenstein",
    "LT": "Litauen",
    "LU": "Luxemburg",
    "LV": "Lettland",
    "MD": "Moldau",
    "ME": "Montenegro",
    "MK": "Nordmazedonien",
    "MT": "Malta",
    "NL": "Niederlande",
    "NO": "Norwegen",
    "PL": "Polen",
    "PT": "Portugal",
    "RO": "Rumänien",
    "RS": "Serbien",
    "RU": "Russland",
    "SE": "Schweden",
    "SI": "Slowenien",
    "SK": "Slowakei",
    "TR": "Türkei",
    "UA": "Ukraine",
    "US": "USA",
    "XK": "Kosovo",
}

# What practice programs export beside the two letters of ISO 3166: the signs on cars and names in daily use.
_OTHER_NAMES = {
    "": "DE",
    "a": "AT",
    "b": "BE",
    "brd": "DE",
    "d": "DE",
    "deu": "DE",
    "e": "ES",
    "england": "GB",
    "f": "FR",
    "germany": "DE",
    "grossbritannien": "GB",
    "h": "HU",
    "holland": "NL",
    "i": "IT",
    "l": "LU",
    "n": "NO",
    "p": "PT",
    "s": "SE",
    "schottland": "GB",
    "tschechische republik": "CZ",
    "uk": "GB",
    "united kingdom": "GB",
    "vereinigte staaten": "US",
}
_CODES = {name.casefold(): code for code, name in _NAMES.items()} | {code.casefold(): code for code in _NAMES} | _OTHER_NAMES


def country_code(text: str) -> str:
    """Return the two letters of ISO 3166 for a code, a car sign or a German name; "" if unknown. An empty field is Germany."""
    return _CODES.get(" ".join(text.split()).casefold(), "")


def country_name(text: str) -> str:
    """Return the German name of the country; an unknown one comes back as typed."""
    return _NAMES.get(country_code(text), " ".join(text.split()))
