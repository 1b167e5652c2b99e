"""The words of `slaportal sla explain`, in Dutch, English and French."""

from __future__ import annotations

from sla.vocabulary import ClockKind, ClockState, Locale, Text

NL, EN, FR = Locale.NL, Locale.EN, Locale.FR

WEEKDAYS = {
    NL: ("ma", "di", "wo", "do", "vr", "za", "zo"),
    EN: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    FR: ("lun", "mar", "mer", "jeu", "ven", "sam", "dim"),
}


def _text(nl: str, en: str, fr: str) -> Text:
    return {NL: nl, EN: en, FR: fr}


CLOCKS = {
    ClockKind.RESPONSE: _text("Reactietijd", "Response time", "Temps de réponse"),
    ClockKind.RESOLUTION: _text("Oplostijd", "Resolution time", "Temps de résolution"),
}
STATES = {
    ClockState.RUNNING: _text("loopt", "running", "en cours"),
    ClockState.PAUSED: _text("gepauzeerd", "paused", "en pause"),
    ClockState.MET: _text("gehaald", "met", "respecté"),
    ClockState.MISSED: _text("niet gehaald", "missed", "non respecté"),
    ClockState.BEST_EFFORT: _text("naar beste vermogen", "best effort", "au mieux"),
    ClockState.NOT_APPLICABLE: _text("niet van toepassing", "not applicable", "sans objet"),
}
TEXTS = {
    "registered": _text("Geregistreerd", "Registered", "Enregistré"),
    "priority": _text("prioriteit", "priority", "priorité"),
    "no_priority": _text("geen", "none", "aucune"),
    "allowed": _text("Toegestane werktijd", "Working time allowed", "Temps de travail permis"),
    "used": _text("Gebruikt", "Used", "Utilisé"),
    "due": _text("Uiterlijk", "Due", "Échéance"),
    "projected": _text(
        "als de reactie op haar uiterste moment komt",
        "if the response comes when it is due",
        "si la réponse vient à son échéance",
    ),
    "breached": _text("Overschreden op", "Breached at", "Dépassé le"),
    "closable": _text(
        "De leverancier mag sluiten vanaf",
        "The vendor may close from",
        "Le fournisseur peut fermer à partir de",
    ),
    "day": _text("dag", "day", "jour"),
    "from": _text("van", "from", "de"),
    "until": _text("tot", "until", "à"),
    "counted": _text("telt", "counted", "compté"),
    "sum": _text("samen", "sum", "total"),
    "reason": _text("reden", "reason", "raison"),
    "clause": _text("artikel", "clause", "article"),
    "section": _text("paragraaf", "section", "section"),
    "text": _text("tekst", "text", "texte"),
}
