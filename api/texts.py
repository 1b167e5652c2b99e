"""What people read when something is refused, in Dutch, English and French.

Keyed by the name of the error; `{limit}`, `{path}` and the error's own values are filled in.
"""

from collections.abc import Mapping

from api.account_texts import ACCOUNT_TEXTS
from api.operator_texts import OPERATOR_TEXTS
from api.sign_in_texts import SIGN_IN_TEXTS
from sla.vocabulary import Locale

NL, EN, FR = Locale.NL, Locale.EN, Locale.FR

TEXTS: dict[str, tuple[str, str, str]] = {
    **SIGN_IN_TEXTS,
    **ACCOUNT_TEXTS,
    **OPERATOR_TEXTS,
    # name: Dutch, English, French
    "Missing": ("Vul dit veld in.", "Fill this field in.", "Remplissez ce champ."),
    "TooLong": (
        "Gebruik ten hoogste {limit} tekens.",
        "Use at most {limit} characters.",
        "Utilisez au plus {limit} caractères.",
    ),
    "Malformed": (
        "Deze waarde is niet goed geschreven.",
        "This value is not written correctly.",
        "Cette valeur n'est pas correcte.",
    ),
    "UnknownId": ("Niet gevonden.", "Not found.", "Introuvable."),
    "BadPage": (
        "Vraag 1 tot {limit} regels, met first of last en een cursor uit dezelfde lijst.",
        "Ask for 1 to {limit} rows, with first or last and a cursor of the same list.",
        "Demandez de 1 à {limit} lignes, avec first ou last et un curseur de la même liste.",
    ),
    "KeyReusedForOtherInput": (
        "Deze sleutel is al gebruikt met andere gegevens. Neem een nieuwe.",
        "This key was used with another input. Take a new one.",
        "Cette clé a déjà servi avec d'autres données. Prenez-en une nouvelle.",
    ),
    "NoContractInForce": (
        "Er is vandaag geen overeenkomst van kracht. Neem contact op met uw leverancier.",
        "No contract is in force today. Contact your vendor.",
        "Aucun contrat n'est en vigueur aujourd'hui. Contactez votre fournisseur.",
    ),
    "BeforePolicyVersion": (
        "De overeenkomst geldt pas vanaf {valid_from}.",
        "The agreement holds from {valid_from} only.",
        "L'accord n'est valable qu'à partir du {valid_from}.",
    ),
    "UnknownContract": (
        "Deze overeenkomst is er niet.",
        "There is no such contract.",
        "Ce contrat n'existe pas.",
    ),
    "TermNotAgreeable": (
        "Dit kan niet zo worden afgesproken: {problem}.",
        "This cannot be agreed like that: {problem}.",
        "Cela ne peut pas être convenu ainsi : {problem}.",
    ),
    "UnknownTicket": ("Dit ticket is er niet.", "There is no such ticket.", "Ce ticket n'existe pas."),
    "ReceivedOutOfRange": (
        "Het moment van binnenkomst ligt niet in de toekomst en ten hoogste {limit} dagen terug.",
        "The moment of arrival is not in the future and at most {limit} days back.",
        "Le moment de réception n'est pas futur et remonte à {limit} jours au plus.",
    ),
    "OnlyForOperators": (
        "Alleen de leverancier vult dit veld in.",
        "Only the vendor fills this field in.",
        "Seul le fournisseur remplit ce champ.",
    ),
    "NotYourContact": (
        "U meldt alleen op uw eigen naam.",
        "You register in your own name only.",
        "Vous n'enregistrez qu'en votre propre nom.",
    ),
    "AlreadyClosed": (
        "Dit ticket is al gesloten.",
        "This ticket is closed already.",
        "Ce ticket est déjà clôturé.",
    ),
    "NotClosed": (
        "Dit ticket is niet gesloten.",
        "This ticket is not closed.",
        "Ce ticket n'est pas clôturé.",
    ),
    "NoPublicMessage": (
        "Sluit met een bericht dat de klant kan lezen.",
        "Close with a message that the customer can read.",
        "Clôturez avec un message lisible par le client.",
    ),
    "TooEarlyToClose": (
        "De klant kan tot {closable_at} reageren. Sluit met een bericht, of wacht.",
        "The customer can react until {closable_at}. Close with a message, or wait.",
        "Le client peut réagir jusqu'au {closable_at}. Clôturez avec un message, ou attendez.",
    ),
    "ArrivalNotCounted": (
        "Een melding via de portal of de API komt binnen als ze wordt geregistreerd; noem het kanaal.",
        "What comes through the portal or the API arrives when it is registered; name the channel.",
        "Par le portail ou l'API, l'arrivée est l'enregistrement ; indiquez le canal.",
    ),
    "ReasonMissing": ("Geef een reden op.", "Give a reason.", "Donnez une raison."),
    "UnknownRequest": (
        "Deze aanvraag is er niet.",
        "There is no such consultancy request.",
        "Cette demande n'existe pas.",
    ),
    "UnknownHourCard": (
        "Deze strippenkaart is er niet.",
        "There is no such hour card.",
        "Cette carte d'heures n'existe pas.",
    ),
    "NotOpenForQuotes": (
        "Op deze aanvraag ({status}) wordt niet meer geoffreerd.",
        "This request ({status}) takes no more quotes.",
        "Cette demande ({status}) n'accepte plus d'offre.",
    ),
    "NothingQuoted": (
        "Er ligt geen offerte om te beantwoorden.",
        "There is no quote to answer.",
        "Aucune offre n'attend de réponse.",
    ),
    "QuoteChanged": (
        "De offerte is gewijzigd. Lees haar opnieuw en bevestig dan.",
        "The quote has changed. Read it again, then confirm.",
        "L'offre a changé. Relisez-la, puis confirmez.",
    ),
    "QuoteExpired": (
        "De offerte gold tot {valid_until}. Vraag een nieuwe.",
        "The quote was valid until {valid_until}. Ask for a new one.",
        "L'offre valait jusqu'au {valid_until}. Demandez-en une nouvelle.",
    ),
    "NotConfirmed": (
        "De klant heeft hier {confirmed} uur bevestigd. Laat eerst een nieuwe offerte bevestigen.",
        "The customer has confirmed {confirmed} hours here. Have a new quote confirmed first.",
        "Le client a confirmé {confirmed} heures. Faites d'abord confirmer une nouvelle offre.",
    ),
    "InsufficientHours": (
        "Er staan nog {left} uur op de kaart; de offerte vraagt {needed} uur.",
        "The card holds {left} hours; the quote needs {needed}.",
        "Il reste {left} heures sur la carte ; l'offre en demande {needed}.",
    ),
    "HourCardExpired": (
        "De strippenkaart is verlopen op {expires_on}.",
        "The hour card expired on {expires_on}.",
        "La carte d'heures a expiré le {expires_on}.",
    ),
    "HoursOutOfRange": (
        "Geef meer dan 0 en ten hoogste {limit} uur, in hele minuten.",
        "Give more than 0 and at most {limit} hours, in whole minutes.",
        "Indiquez plus de 0 et au plus {limit} heures, en minutes entières.",
    ),
    "WorkInTheFuture": (
        "Werk wordt vastgelegd als het gedaan is.",
        "Work is recorded when it is done.",
        "Le travail s'enregistre une fois fait.",
    ),
    "ValidityOutOfRange": (
        "Een offerte geldt tot een moment in de toekomst, ten hoogste {limit} dagen vooruit.",
        "A quote is valid until a moment in the future, at most {limit} days ahead.",
        "Une offre vaut jusqu'à un moment futur, à {limit} jours au plus.",
    ),
    "NeverBillable": (
        "Dit valt onder support en wordt nooit in rekening gebracht.",
        "This is part of support and is never charged.",
        "Ceci relève du support et n'est jamais facturé.",
    ),
    "BadSlug": (
        "Gebruik 2 tot 40 tekens uit a-z, 0-9 en koppelteken, te beginnen met een letter; geen gereserveerd woord.",
        "Use 2 to 40 of a-z, 0-9 and hyphen, beginning with a letter, and no reserved word.",
        "Utilisez 2 à 40 caractères parmi a-z, 0-9 et le trait d'union, en commençant par une lettre.",
    ),
    "SlugTaken": (
        "Er is al een klant {slug}.",
        "There is a customer {slug} already.",
        "Il y a déjà un client {slug}.",
    ),
    "UnknownAgreement": (
        "Deze overeenkomst is niet bekend of nog niet geldig. Bekend zijn: {known}.",
        "This agreement is not known or not valid yet. Known are: {known}.",
        "Cet accord est inconnu ou pas encore valable. Sont connus : {known}.",
    ),
    "UnknownTierOfAgreement": (
        "Kies een niveau van deze overeenkomst: {tiers}.",
        "Name a tier of this agreement: {tiers}.",
        "Choisissez un niveau de cet accord : {tiers}.",
    ),
    "TenantInOtherState": (
        "Dat kan niet zolang de klant {status} is.",
        "That cannot be done while the customer is {status}.",
        "Impossible tant que le client est {status}.",
    ),
    "NoSuchTenant": ("Deze klant is er niet.", "There is no such customer.", "Ce client n'existe pas."),
}

_PLACE = {NL: 0, EN: 1, FR: 2}


def text_of(name: str, locale: Locale, values: Mapping[str, object]) -> str:
    """The text of an error in a language, with its values filled in."""
    return TEXTS[name][_PLACE[locale]].format_map({key: str(value) for key, value in values.items()})
