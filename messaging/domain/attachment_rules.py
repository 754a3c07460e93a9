"""Which files may go with a message: PDF, pictures and appointments (.ics), told by what is in them, never by their name.

Pure; storing is done elsewhere. Programs, office files with macros and SVG (which can carry scripts) are not among them.
"""

import re
from dataclasses import dataclass

from messaging.domain.errors import DomainError, Problem

#: Together, as the file weighs on disk; mail servers commonly take 20 to 25 MB after the third that base64 adds.
MOST_BYTES = 10 * 1000 * 1000
MOST_FILES = 20
LONGEST_NAME = 120

_UNSAFE_IN_NAMES = re.compile('[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"<>|?*:/\\\\]')


@dataclass(frozen=True, slots=True)
class FileKind:
    """One permitted kind: its media type, the endings it may have (the first is the usual one), and its word on the screen."""

    media_type: str
    endings: tuple[str, ...]
    word: str


PDF = FileKind("application/pdf", (".pdf",), "PDF")
PNG = FileKind("image/png", (".png",), "Bild (PNG)")
JPEG = FileKind("image/jpeg", (".jpg", ".jpeg"), "Bild (JPEG)")
GIF = FileKind("image/gif", (".gif",), "Bild (GIF)")
WEBP = FileKind("image/webp", (".webp",), "Bild (WebP)")
CALENDAR = FileKind("text/calendar", (".ics",), "Termin (ICS)")
KINDS = (PDF, PNG, JPEG, GIF, WEBP, CALENDAR)

#: For the `accept` of the file field.
ENDINGS = tuple(ending for kind in KINDS for ending in kind.endings)


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be attached: a name that is safe in a mail header and on a disk, and the type of its content."""

    filename: str
    media_type: str
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)


def checked_file(filename: str, content: bytes) -> CheckedFile:
    """Judge one file by its content. Raises DomainError with the cure when it may not be attached."""
    name = safe_name(filename)
    if not content:
        raise DomainError(Problem("file_empty", f"Die Datei „{name}“ ist leer.", "Bitte eine andere Datei wählen."))
    kind = kind_of(content)
    if kind is None:
        raise DomainError(
            Problem(
                "file_kind",
                f"„{name}“ ist weder PDF noch Bild noch Kalenderdatei.",
                "Bitte als PDF speichern und dieses anhängen.",
            )
        )
    if not name.lower().endswith(kind.endings):
        raise DomainError(
            Problem(
                "file_ending",
                f"Die Endung von „{name}“ passt nicht zum Inhalt: {kind.word}.",
                f"Bitte in „…{kind.endings[0]}“ umbenennen.",
            )
        )
    return CheckedFile(name, kind.media_type, content)


def require_room(sizes: list[int], new: list[int]) -> None:
    """Refuse what would make the attachments of one message too many or too heavy. Sizes in bytes: those there, the new."""
    if len(sizes) + len(new) > MOST_FILES:
        raise DomainError(
            Problem(
                "too_many_files", f"Mehr als {MOST_FILES} Dateien nimmt eine E-Mail nicht auf.", "Bitte Dateien zusammenfassen."
            )
        )
    if sum(sizes) + sum(new) > MOST_BYTES:
        raise DomainError(
            Problem(
                "files_too_large",
                "Alle Anhänge zusammen dürfen höchstens 10 MB groß sein.",
                "Bitte die Datei verkleinern oder eine andere entfernen.",
            )
        )


def kind_of(content: bytes) -> FileKind | None:
    """Tell the kind of a file by its first bytes; None for everything that is not permitted."""
    if b"%PDF-" in content[:1024]:  # ISO 32000 readers look for the mark within the first kilobyte
        return PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return WEBP
    return CALENDAR if _is_calendar(content) else None


def safe_name(filename: str) -> str:
    """The last part of a name without signs that mislead in headers, on disks or on the screen; "Anhang" when nothing is left."""
    last = re.split(r"[/\\]", filename)[-1]
    name = " ".join(_UNSAFE_IN_NAMES.sub("", last).split()).lstrip(".")
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 5:
        return name[:LONGEST_NAME] or "Anhang"
    return f"{stem[: LONGEST_NAME - len(ending) - 1] or 'Anhang'}.{ending}"


def size_words(size: int) -> str:
    """Write a size in bytes for people: "824 KB", "1,2 MB"."""
    if size < 1000:
        return f"{size} Byte"
    if size < 999_500:
        return f"{max(1, round(size / 1000))} KB"
    return f"{size / 1_000_000:.1f} MB".replace(".", ",")


def _is_calendar(content: bytes) -> bool:
    if not content.removeprefix(b"\xef\xbb\xbf").lstrip().upper().startswith(b"BEGIN:VCALENDAR"):
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"END:VCALENDAR" in content.upper()
