"""Why a recipient is left out, red, skipped or failed: one table of codes with a German sentence and its cure.

The check window, the confirm page, the outbox and the log all read this table, so that they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    IMPOSSIBLE = "impossible"  # the whole row is red: it cannot be sent
    FORBIDDEN = "forbidden"  # red NEIN: possible, but not allowed
    DUPLICATE = "duplicate"  # pointed out and unticked; a person may tick it again
    SKIPPED = "skipped"  # found at hand-over, after confirming
    FAILED = "failed"  # what came of a hand-over


@dataclass(frozen=True, slots=True)
class Reason:
    """`sentence` says what is wrong, `cure` what to do now, or what follows where nothing is to be done; `short` is for counts
    ("20 ohne Einwilligung").
    """

    code: str
    kind: Kind
    short: str
    sentence: str
    cure: str = ""
    #: a user with the right may send all the same, with a written reason that is logged
    overridable: bool = False

    @property
    def text(self) -> str:
        """Cure first, then why (LOOK, words)."""
        return f"{self.cure} {self.sentence}".strip()


_ALL = (
    # impossible
    Reason("deceased", Kind.IMPOSSIBLE, "verstorben", "Die Person ist verstorben.", "Bekommt nie Nachrichten."),
    Reason("blocked", Kind.IMPOSSIBLE, "mit Kontaktsperre", "Für diese Person gilt eine Kontaktsperre.", "Bei Bedarf die Sperre aufheben."),
    Reason("archived", Kind.IMPOSSIBLE, "archiviert", "Die Person ist archiviert.", "Bei Bedarf aus dem Archiv holen."),
    Reason("converted", Kind.IMPOSSIBLE, "schon Patient", "Aus diesem Interessenten wurde ein Patient.", "Bitte den Patienten anschreiben."),
    Reason("no_email", Kind.IMPOSSIBLE, "ohne E-Mail-Adresse", "Es ist keine E-Mail-Adresse eingetragen.", "Bitte E-Mail-Adresse nachtragen."),
    Reason("bad_email", Kind.IMPOSSIBLE, "mit fehlerhafter E-Mail-Adresse", "Diese Adresse kann es so nicht geben.",
           "Bitte E-Mail-Adresse berichtigen."),
    Reason("known_bad_address", Kind.IMPOSSIBLE, "mit unzustellbarer Adresse", "Die Adresse war schon zweimal unzustellbar.",
           "Bitte Adresse klären oder freigeben."),
    Reason("no_sms_number", Kind.IMPOSSIBLE, "ohne Mobilnummer", "Im Feld SMS steht keine Nummer.", "Bitte Mobilnummer im Feld SMS nachtragen."),
    Reason("bad_sms_number", Kind.IMPOSSIBLE, "mit ungeeigneter Nummer", "An diese Nummer kann keine SMS gehen.", "Bitte Mobilnummer im Feld SMS berichtigen."),
    Reason("no_postal_address", Kind.IMPOSSIBLE, "ohne Anschrift", "Straße, PLZ oder Ort fehlen.", "Bitte Anschrift vervollständigen."),
    Reason("appointment_cancelled", Kind.IMPOSSIBLE, "mit abgesagtem Termin", "Der Termin findet nicht statt.", "Keine Erinnerung nötig."),
    Reason("appointment_over", Kind.IMPOSSIBLE, "mit vergangenem Termin", "Der Termin ist schon vorbei oder erledigt.",
           "Keine Erinnerung mehr nötig."),
    Reason("appointment_of_other", Kind.IMPOSSIBLE, "mit Termin einer anderen Person", "Der Termin gehört jetzt einer anderen Person.", "Bitte den Termin neu auswählen."),
    # forbidden
    Reason("no_consent", Kind.FORBIDDEN, "ohne Einwilligung", "Für diesen Zweck fehlt die Einwilligung.",
           "Bitte Einwilligung einholen.", overridable=True),
    Reason("consent_no", Kind.FORBIDDEN, "mit Nein zum Kontakt", "Die Person hat Nein gesagt.",
           "Bei neuer Zustimmung eintragen.", overridable=True),
    Reason("consent_revoked", Kind.FORBIDDEN, "mit Widerruf", "Die Person hat ihre Einwilligung widerrufen.", "Neue Einwilligung nötig."),
    Reason("consent_other_target", Kind.FORBIDDEN, "mit Einwilligung für eine andere Adresse", "Die Einwilligung gilt für frühere Kontaktdaten.",
           "Bitte neu einholen.", overridable=True),
    # duplicates
    Reason("duplicate_person", Kind.DUPLICATE, "doppelt", "Dieselbe Person steht mehrfach in der Liste."),
    Reason("duplicate_address", Kind.DUPLICATE, "mit gleicher Adresse und gleichem Text", "Dieselbe Adresse bekommt schon denselben Text."),
    Reason("unticked", Kind.DUPLICATE, "abgewählt", "Die Zeile wurde von Hand abgewählt."),
    # at hand-over
    Reason("address_changed", Kind.SKIPPED, "mit geänderter Adresse", "Die Adresse wurde nach dem Bestätigen geändert.", "Bei Bedarf neu senden."),
    Reason("appointment_moved", Kind.SKIPPED, "mit verschobenem Termin", "Der Termin wurde nach dem Bestätigen verschoben.", "Bei Bedarf neu senden."),
    Reason("too_late", Kind.SKIPPED, "zu spät", "Bis zum letzten sinnvollen Zeitpunkt gelang die Übergabe nicht."),
    Reason("cancelled_by_user", Kind.SKIPPED, "abgebrochen", "Der Versand wurde abgebrochen."),
    # what came of a hand-over
    Reason("not_reachable", Kind.FAILED, "Mailserver nicht erreichbar", "Der Mailserver ist nicht erreichbar.",
           "Bitte Netzverbindung, Server und Port prüfen."),
    Reason("server_busy", Kind.FAILED, "vorübergehend abgelehnt", "Der Mailserver hat die Nachricht vorübergehend nicht angenommen."),
    Reason("upload_broken", Kind.FAILED, "Übertragung abgebrochen", "Die Verbindung zum Mailserver war zu langsam oder brach beim Übertragen ab; angenommen wurde nichts.",
           "Bitte die Netzverbindung prüfen oder kleinere Anhänge wählen."),
    Reason("sending_limit", Kind.FAILED, "Sendelimit des Anbieters",
           "Der Mailserver nimmt von diesem E-Mail-Konto vorerst nichts mehr an: Das Sendelimit des Anbieters ist erreicht. Es geht von selbst weiter.",
           "Bei Wiederholung bitte die Limits im E-Mail-Konto niedriger einstellen."),
    Reason("connection_limit", Kind.FAILED, "Verbindungslimit", "Der Mailserver nimmt über diese Verbindung nichts mehr an."),
    Reason("mailbox_refused", Kind.FAILED, "Empfänger abgelehnt", "Der Mailserver kennt dieses Postfach nicht oder nimmt nichts dafür an.",
           "Bitte E-Mail-Adresse mit der Person klären."),
    Reason("mailbox_full", Kind.FAILED, "Postfach voll", "Das Postfach ist voll.", "Bitte die Person auf anderem Weg erreichen oder später erneut senden."),
    Reason("policy_refused", Kind.FAILED, "nicht zugelassen", "Der Mailserver lässt für dieses Konto keine Nachricht an diese Adresse zu.",
           "Bitte die Zugangsdaten des E-Mail-Kontos prüfen oder den Anbieter fragen."),
    Reason("text_refused", Kind.FAILED, "Nachricht abgelehnt", "Der Mailserver hat diese Nachricht abgelehnt.", "Bitte Text und Anhänge prüfen."),
    Reason("bad_header", Kind.FAILED, "Nachricht nicht zu verschicken", "Betreff, Name oder Adresse enthalten unzulässige Zeichen.", "Bitte Stammdaten prüfen."),
    Reason("login_refused", Kind.FAILED, "Anmeldung abgelehnt", "Der Mailserver hat Benutzername oder Passwort nicht angenommen.",
           "Bitte die Zugangsdaten des E-Mail-Kontos prüfen."),
    Reason("sender_refused", Kind.FAILED, "Absender abgelehnt", "Der Mailserver lässt diese Absenderadresse nicht zu.",
           "Bitte die Absenderadresse des E-Mail-Kontos prüfen."),
    Reason("no_starttls", Kind.FAILED, "keine Verschlüsselung", "Der Mailserver bietet keine verschlüsselte Verbindung (STARTTLS) an.",
           "Bitte Verschlüsselung und Port des E-Mail-Kontos prüfen."),
    Reason("bad_certificate", Kind.FAILED, "Zertifikat ungültig", "Das Zertifikat des Mailservers ist nicht gültig.",
           "Bitte den Servernamen prüfen oder den Anbieter fragen."),
    Reason("account_missing", Kind.FAILED, "Konto nicht nutzbar", "Das E-Mail-Konto ist abgeschaltet oder sein Passwort nicht lesbar.",
           "Bitte das E-Mail-Konto prüfen und das Passwort neu eintragen."),
    Reason("answer_lost", Kind.FAILED, "unklar", "Ob die Nachricht angenommen wurde, ist unbekannt: Die Antwort des Mailservers ging verloren.",
           "Bitte entscheiden: gilt als gesendet oder erneut senden."),
    Reason("worker_died", Kind.FAILED, "unklar", "Ob die Nachricht angenommen wurde, ist unbekannt: Das Programm wurde während der Übergabe beendet.",
           "Bitte entscheiden: gilt als gesendet oder erneut senden."),
    # why a dispatch stands still
    Reason("failures_in_a_row", Kind.FAILED, "Fehler in Folge", "Fünf Übergaben hintereinander sind gescheitert.",
           "Bitte die Gründe ansehen und dann fortsetzen oder abbrechen."),
    Reason("too_many_failures", Kind.FAILED, "zu viele Fehler", "Mehr als 30 % der Übergaben sind gescheitert.",
           "Bitte die Gründe ansehen und dann fortsetzen oder abbrechen."),
    Reason("restored", Kind.FAILED, "aus einer Sicherung", "Die Daten stammen aus einer Sicherung. Was danach gesendet wurde, steht hier nicht.",
           "Bitte prüfen, wer die Nachricht schon hat, und dann fortsetzen oder abbrechen."),
    Reason("per_hour", Kind.FAILED, "Stundenlimit", "Das Stundenlimit des E-Mail-Kontos ist erreicht. Es geht von selbst weiter."),
    Reason("per_quarter_hour", Kind.FAILED, "15-Minuten-Limit", "Das 15-Minuten-Limit des E-Mail-Kontos ist erreicht. Es geht von selbst weiter."),
)  # fmt: skip

REASONS = {reason.code: reason for reason in _ALL}


def reason(code: str) -> Reason:
    """The reason with this code. An unknown code is a mistake of ours and raises KeyError."""
    return REASONS[code]
