"""Writing the message (Verfassen): the page, its preview, saving, templates, attachments and the test mail. No rules."""

from blueprints.composer import files, pages, test_mail, words
from blueprints.composer.room import blueprint

__all__ = ["blueprint", "files", "pages", "test_mail", "words"]
