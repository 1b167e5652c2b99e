"""What people are told, in the languages of the portal."""

from __future__ import annotations

from typing import Final

from sla.vocabulary import Locale, Text


def _text(nl: str, en: str, fr: str) -> Text:
    return {Locale.NL: nl, Locale.EN: en, Locale.FR: fr}


# --- refusals -------------------------------------------------------------------------------------

TYPE_NOT_ACCEPTED: Final = _text(
    "Deze overeenkomst kent geen tickets van dit type.",
    "This agreement has no tickets of this type.",
    "Ce contrat ne prévoit pas de tickets de ce type.",
)
CHANNEL_NOT_ACCEPTED: Final = _text(
    "Via dit kanaal kan onder deze overeenkomst niet gemeld worden.",
    "Under this agreement nothing can be registered through this channel.",
    "Ce contrat ne permet pas de signalement par ce canal.",
)
CHANNEL_NOT_IN_TIER: Final = _text(
    "Dit kanaal hoort niet bij het afgesproken serviceniveau.",
    "This channel is not part of the agreed service level.",
    "Ce canal ne fait pas partie du niveau de service convenu.",
)
CHANNEL_NEEDS_PRIORITY: Final = _text(
    "Via dit kanaal kan alleen met prioriteit {priorities} gemeld worden.",
    "Through this channel only priority {priorities} can be registered.",
    "Par ce canal, seule la priorité {priorities} peut être signalée.",
)
CHANNEL_OUTSIDE_HOURS: Final = _text(
    "Buiten de openingstijden kan via dit kanaal alleen prioriteit {priorities} gemeld worden.",
    "Outside support hours only priority {priorities} can be registered through this channel.",
    "En dehors des heures d'ouverture, seule la priorité {priorities} peut être signalée par ce canal.",
)
PRIORITY_UNKNOWN: Final = _text(
    "Deze prioriteit bestaat hier niet; kies uit {priorities}.",
    "This priority does not exist here; choose from {priorities}.",
    "Cette priorité n'existe pas ici ; choisissez parmi {priorities}.",
)
ADDENDUM_UNKNOWN: Final = _text(
    "Bij deze overeenkomst hoort geen addendum met deze naam; er zijn: {addenda}.",
    "This agreement has no addendum of this name; there are: {addenda}.",
    "Ce contrat n'a pas d'avenant de ce nom ; il y a : {addenda}.",
)
PRIORITY_MISSING: Final = _text(
    "Geef aan hoe ernstig het is: {priorities}.",
    "Say how serious it is: {priorities}.",
    "Indiquez la gravité : {priorities}.",
)
PRIORITY_IS_THE_VENDORS: Final = _text(
    "De leverancier bepaalt de prioriteit.",
    "The vendor decides the priority.",
    "Le fournisseur décide de la priorité.",
)
NO_PRIORITY_HERE: Final = _text(
    "Dit ticket heeft geen prioriteit: er zijn geen tijden voor toegezegd.",
    "This ticket has no priority: no times are promised for it.",
    "Ce ticket n'a pas de priorité : aucun délai n'est promis.",
)
PRIORITY_NOT_FOR_TYPE: Final = _text(
    "Deze prioriteit is er alleen voor {types}.",
    "This priority is for {types} only.",
    "Cette priorité est réservée à {types}.",
)
PRIORITY_NOT_IN_ENVIRONMENT: Final = _text(
    "In deze omgeving wordt zonder prioriteit gewerkt, naar beste vermogen.",
    "In this environment there are no priorities: work is best effort.",
    "Dans cet environnement il n'y a pas de priorités : le travail se fait au mieux.",
)
RAISE_NEEDS_REASON: Final = _text(
    "Een hogere prioriteit buiten productie vraagt om een reden.",
    "A higher priority outside production needs a reason.",
    "Une priorité plus élevée hors production demande un motif.",
)
URGENCY_MISSING: Final = _text(
    "Geef de urgentie aan, van 1 (hoog) tot {most} (laag).",
    "Give the urgency, from 1 (high) to {most} (low).",
    "Indiquez l'urgence, de 1 (haute) à {most} (basse).",
)
LEVEL_OUT_OF_RANGE: Final = _text(
    "Kies een waarde van 1 tot {most}.",
    "Choose a value from 1 to {most}.",
    "Choisissez une valeur de 1 à {most}.",
)
STATUS_NOT_ALLOWED: Final = _text(
    "Van {current} naar {wanted} kan niet.",
    "A ticket cannot go from {current} to {wanted}.",
    "Un ticket ne peut pas passer de {current} à {wanted}.",
)
HOURS_NOT_POSITIVE: Final = _text(
    "Het aantal uren moet groter zijn dan 0 en hoogstens 100.000.",
    "The number of hours must be more than 0 and at most 100,000.",
    "Le nombre d'heures doit être supérieur à 0 et de 100 000 au plus.",
)
PREPARATION_NEGATIVE: Final = _text(
    "De voorbereiding is 0 tot 100.000 uur.",
    "Preparation is 0 to 100,000 hours.",
    "La préparation est de 0 à 100 000 heures.",
)
NO_RATE: Final = _text(
    "De overeenkomst noemt geen uurtarief: leg eerst een tarief vast in het contract.",
    "The agreement names no hourly rate: record a tariff on the contract first.",
    "Le contrat ne mentionne pas de tarif horaire : inscrivez d'abord un tarif au contrat.",
)

# --- refusals of other terms ------------------------------------------------------------------------

MAINTENANCE_DETAILS: Final = _text(
    "Beschrijf kort het werk en wat klanten ervan merken.",
    "Describe the work and its impact in short.",
    "Décrivez brièvement les travaux et leur impact.",
)
MAINTENANCE_TOO_LATE: Final = _text(
    "Regulier onderhoud wordt minstens {days} dagen vooraf aangekondigd.",
    "Regular maintenance is announced at least {days} days beforehand.",
    "La maintenance régulière est annoncée au moins {days} jours à l'avance.",
)
MAINTENANCE_NEEDS_REASON: Final = _text(
    "Onderhoud overdag vraagt om een reden in de aankondiging.",
    "Maintenance during the day needs a reason in its announcement.",
    "Une maintenance en journée demande un motif dans l'annonce.",
)
EMERGENCY_TOO_LATE: Final = _text(
    "Ook spoedonderhoud wordt aangekondigd voordat het begint.",
    "Emergency maintenance too is announced before it starts.",
    "La maintenance urgente est elle aussi annoncée avant son début.",
)
EMERGENCY_NEEDS_REASON: Final = _text(
    "Spoedonderhoud vraagt om een reden.",
    "Emergency maintenance needs a reason.",
    "La maintenance urgente demande un motif.",
)
CHANGE_TOO_SOON: Final = _text(
    "Deze wijziging kan op zijn vroegst ingaan op {day}.",
    "This change can take effect on {day} at the earliest.",
    "Cette modification peut prendre effet au plus tôt le {day}.",
)
NO_DETERIORATION: Final = _text(
    "Opzeggen om een wijziging kan alleen als die de dienst wezenlijk verslechtert.",
    "Terminating because of a change is possible only if it is a material deterioration.",
    "Résilier à cause d'une modification n'est possible que si elle dégrade le service de façon substantielle.",
)
TERMINATION_DAYS: Final = _text(
    "Opzeggen kan van {first} tot en met {last}.",
    "Terminating is possible from {first} to {last}, that day included.",
    "La résiliation est possible du {first} au {last} inclus.",
)
BOOKED_TOO_LATE: Final = _text(
    "Te kort vooraf gevraagd: de eerste dag die kan is {day}.",
    "Asked for too late: the first possible day is {day}.",
    "Demandé trop tard : le premier jour possible est le {day}.",
)
LASTS_TOO_LONG: Final = _text(
    "Dit duurt hoogstens {most} dagen.",
    "This lasts {most} days at most.",
    "Cela dure {most} jours au plus.",
)
RING_UNKNOWN: Final = _text(
    "Deze release-ring bestaat niet; kies uit {rings}.",
    "There is no such release ring; choose from {rings}.",
    "Cet anneau de version n'existe pas ; choisissez parmi {rings}.",
)
RING_NOT_IN_TIER: Final = _text(
    "Deze release-ring is er alleen met {tiers}.",
    "This release ring comes with {tiers} only.",
    "Cet anneau de version n'existe qu'avec {tiers}.",
)
RELEASE_EXCEPTION_NOT_IN_TIER: Final = _text(
    "Afwijken van het releaseschema kan alleen met {tiers}.",
    "Another release moment is possible with {tiers} only.",
    "Un autre moment de mise à jour n'est possible qu'avec {tiers}.",
)
REFERENCE_MISSING: Final = _text(
    "Noem het document waarin dit is afgesproken.",
    "Name the document that this was agreed in.",
    "Indiquez le document dans lequel cela a été convenu.",
)
ACUTE_NEEDS_REASON: Final = _text(
    "Een maatregel zonder termijn vraagt om een reden.",
    "A measure without a term needs a reason.",
    "Une mesure sans délai demande un motif.",
)
MEASURE_TOO_EARLY: Final = _text(
    "De klant heeft eerst {days} dagen om het gebruik te normaliseren.",
    "The customer first has {days} days to normalise its use.",
    "Le client a d'abord {days} jours pour normaliser son usage.",
)
RESTORE_IN_FUTURE: Final = _text(
    "Dit moment moet nog komen.", "That moment is still to come.", "Ce moment est encore à venir."
)
RESTORE_TOO_OLD: Final = _text(
    "Zo oud zijn de back-ups niet: zij worden {kept} bewaard.",
    "Back-ups do not go back that far: they are kept for {kept}.",
    "Les sauvegardes ne remontent pas si loin : elles sont conservées {kept}.",
)
STEP_IS_ANOTHERS: Final = _text(
    "Stap {step} is aan {parties}.", "Step {step} is for {parties}.", "L'étape {step} revient à {parties}."
)

# --- explanations ---------------------------------------------------------------------------------

COUNTED: Final = _text(
    "Telt mee: binnen de servicetijden.", "Counts: support hours.", "Compte : heures de support."
)
COUNTED_AGREED: Final = _text(
    "Telt mee: binnen de servicetijden, met de tijd die is afgesproken in {reference}.",
    "Counts: support hours, towards the time agreed in {reference}.",
    "Compte : heures de support, pour le délai convenu dans {reference}.",
)
OUTSIDE_HOURS: Final = _text(
    "Telt niet mee: buiten de servicetijden.",
    "Does not count: outside support hours.",
    "Ne compte pas : hors des heures de support.",
)
WEEKEND: Final = _text("Telt niet mee: weekend.", "Does not count: weekend.", "Ne compte pas : week-end.")
DAY_OFF: Final = _text("Telt niet mee: {name}.", "Does not count: {name}.", "Ne compte pas : {name}.")
BEFORE_START: Final = _text(
    "Telt niet mee: de klok start aan het begin van de eerstvolgende werkdag.",
    "Does not count: the clock starts when the next working day opens.",
    "Ne compte pas : l'horloge démarre à l'ouverture du prochain jour ouvrable.",
)
BEFORE_RESPONSE: Final = _text(
    "Telt niet mee: de afhandeling begint bij de reactie.",
    "Does not count: handling starts at the response.",
    "Ne compte pas : le traitement commence à la réponse.",
)
WAITING_FOR_CUSTOMER: Final = _text(
    "Telt niet mee: wacht op de klant.",
    "Does not count: waiting for the customer.",
    "Ne compte pas : en attente du client.",
)
WAITING_FOR_DEVELOPMENT: Final = _text(
    "Telt niet mee: wacht op ontwikkeling.",
    "Does not count: waiting for development.",
    "Ne compte pas : en attente du développement.",
)
PAUSED: Final = _text("Telt niet mee: gepauzeerd.", "Does not count: paused.", "Ne compte pas : en pause.")
CLOSED: Final = _text(
    "Telt niet mee: het ticket was gesloten.",
    "Does not count: the ticket was closed.",
    "Ne compte pas : le ticket était fermé.",
)
EXCUSED: Final = _text(
    "Niet van toepassing: buiten de invloed van de leverancier ({reason}).",
    "Not applicable: outside the vendor's influence ({reason}).",
    "Sans objet : hors de l'influence du fournisseur ({reason}).",
)
WITHDRAWN: Final = _text(
    "Niet van toepassing: door de klant gesloten voor een reactie nodig was.",
    "Not applicable: closed by the customer before a response.",
    "Sans objet : fermé par le client avant une réponse.",
)
NO_CLOCK: Final = _text(
    "Niet van toepassing: de overeenkomst noemt hiervoor geen tijd.",
    "Not applicable: the agreement gives no time for this.",
    "Sans objet : le contrat ne prévoit pas de délai pour cela.",
)
