"""Brings the browser's files into static/vendor: scripts, styles, letter fonts and one sprite of icons.

npm fetches the packages by package-lock.json into node_modules; what is served is copied from there. Both folders are
ignored by git. After this the program needs no internet. Only the standard library is imported.
"""

import hashlib
import os
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

from tools.node import ROOT, run_npm

PACKAGES = ROOT / "node_modules"
SERVED = ROOT / "static" / "vendor"
ICON_NAMES = ROOT / "tools" / "icons.txt"
FETCHED = PACKAGES / ".praxispost-lock"  # the hash of the lock file that node_modules was made from
COMPLETE = SERVED / ".complete"

FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "trix.css": "trix/dist/trix.css",
    "trix.umd.min.js": "trix/dist/trix.umd.min.js",
}
# Letters print names from all over Europe; the fonts of PDF itself stop at Latin-1.
FONTS = [
    *(f"DejaVuSans{style}.ttf" for style in ("", "-Bold", "-Oblique", "-BoldOblique")),
    *(f"DejaVuSerif{style}.ttf" for style in ("", "-Bold", "-Italic", "-BoldItalic")),
    *(f"DejaVuSansCondensed{style}.ttf" for style in ("", "-Bold", "-Oblique", "-BoldOblique")),
]

SVG = "http://www.w3.org/2000/svg"
DATA_IMAGE = re.compile(rb"""url\("data:image[^"]*"\)""")
SOURCE_MAP = re.compile(rb"\s*(//# sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)\s*$")


def main() -> int:
    fetch_packages()
    SERVED.mkdir(parents=True, exist_ok=True)
    wanted = {name: without_source_map((PACKAGES / source).read_bytes()) for name, source in FILES.items()}
    wanted |= {name: without_data_images(content) for name, content in wanted.items() if name.endswith(".css")}
    wanted |= {f"fonts/{font}": (PACKAGES / "dejavu-fonts-ttf" / "ttf" / font).read_bytes() for font in FONTS}
    wanted["icons.svg"] = icon_sprite(icon_names(), PACKAGES / "@tabler" / "icons" / "icons" / "outline")
    remove_all_but(set(wanted))
    for name, content in wanted.items():
        write_whole(SERVED / name, content)
    COMPLETE.touch()
    return 0


def fetch_packages() -> None:
    """Let npm fill node_modules, unless it already holds exactly what the lock file says."""
    lock = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    if FETCHED.exists() and FETCHED.read_text() == lock:
        return
    if status := run_npm("ci"):
        raise SystemExit(f"npm konnte die Browser-Dateien nicht holen (Status {status}). Internet prüfen, dann make setup.")
    FETCHED.write_text(lock)


def without_source_map(content: bytes) -> bytes:
    """Drop the pointer to a source map, which is not served and would only be a 404 in the browser's console."""
    return SOURCE_MAP.sub(b"\n", content)


def without_data_images(content: bytes) -> bytes:
    """Drop pictures written into the style sheet: our Content-Security-Policy forbids them, and static/css has its own."""
    return DATA_IMAGE.sub(b"none", content)


def icon_names() -> list[str]:
    """Return the names in tools/icons.txt, in order; a line may carry a remark after #."""
    lines = (line.partition("#")[0].strip() for line in ICON_NAMES.read_text().splitlines())
    return sorted({line for line in lines if line})


def icon_sprite(names: list[str], folder: Path) -> bytes:
    """Return one SVG file with a symbol for each name; `folder` holds NAME.svg of each."""
    missing = [name for name in names if not (folder / f"{name}.svg").exists()]
    if missing:
        raise SystemExit(f"tools/icons.txt nennt Symbole, die es in @tabler/icons nicht gibt: {', '.join(missing)}")
    ElementTree.register_namespace("", SVG)
    sprite = ElementTree.Element(f"{{{SVG}}}svg")
    sprite.extend(icon_symbol(name, folder / f"{name}.svg") for name in names)
    return ElementTree.tostring(sprite, encoding="utf-8")


def icon_symbol(name: str, path: Path) -> ElementTree.Element:
    drawing = ElementTree.parse(path).getroot()
    kept = {key: value for key, value in drawing.attrib.items() if key == "fill" or key.startswith("stroke")}
    symbol = ElementTree.Element(f"{{{SVG}}}symbol", {"id": name, "viewBox": "0 0 24 24", **kept})
    # Every icon starts with an invisible square that only keeps its box in drawing programs.
    symbol.extend(shape for shape in drawing if shape.get("stroke") != "none")
    return symbol


def remove_all_but(wanted: set[str]) -> None:
    """Clear what an earlier version served, so that nothing outdated can be linked by mistake."""
    for path in SERVED.rglob("*"):
        if path.is_file() and path.relative_to(SERVED).as_posix() not in wanted:
            path.unlink()


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file in one step: a running web server never reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(content)
    os.replace(fresh, path)


if __name__ == "__main__":
    sys.exit(main())
