"""What mails say in each language beside their templates: labels, dates, and who helps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language. `{}` is where the value goes."""

    greeting: str
    greeting_nameless: str
    portal: str
    console: str
    helper: str
    vendor_helper: str
    at: str
    address: str
    device: str
    old_contact: str
    new_contact: str
    valid_until: str
    closing: str
    moment: str
    colon: str
    months: tuple[str, ...]

    def tell(self, at: datetime, zone: str) -> str:
        """A moment in a zone, spelled out: no order of day and month to guess."""
        local = at.astimezone(UTC if zone == "UTC" else ZoneInfo(zone))
        return self.moment.format(
            day=local.day,
            month=self.months[local.month - 1],
            year=local.year,
            time=f"{local:%H:%M}",
            zone=zone,
        )


_EN = Words(
    greeting="Hello {},",
    greeting_nameless="Hello,",
    portal="the service portal of {}",
    console="the console of the service portal",
    helper="an administrator of your organisation or your supplier",
    vendor_helper="an administrator of the console",
    at="When",
    address="From address",
    device="Device",
    old_contact="Until now",
    new_contact="From now on",
    valid_until="The link works until",
    closing="This message was sent automatically. Nobody reads answers to it.",
    moment="{day} {month} {year} at {time} ({zone})",
    colon=": ",
    months=(
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ),
)  # fmt: skip
_NL = Words(
    greeting="Beste {},",
    greeting_nameless="Goedendag,",
    portal="het serviceportaal van {}",
    console="de console van het serviceportaal",
    helper="een beheerder van uw organisatie of uw leverancier",
    vendor_helper="een beheerder van de console",
    at="Wanneer",
    address="Vanaf adres",
    device="Apparaat",
    old_contact="Tot nu toe",
    new_contact="Voortaan",
    valid_until="De link werkt tot",
    closing="Dit bericht is automatisch verstuurd. Antwoorden worden door niemand gelezen.",
    moment="{day} {month} {year} om {time} ({zone})",
    colon=": ",
    months=(
        "januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
        "november", "december",
    ),
)  # fmt: skip
_FR = Words(
    greeting="Bonjour {},",
    greeting_nameless="Bonjour,",
    portal="le portail de service de l'organisation {}",
    console="la console du portail de service",
    helper="un administrateur de votre organisation ou votre fournisseur",
    vendor_helper="un administrateur de la console",
    at="Quand",
    address="Depuis l'adresse",
    device="Appareil",
    old_contact="Jusqu'ici",
    new_contact="Désormais",
    valid_until="Le lien fonctionne jusqu'au",
    closing="Ce message a été envoyé automatiquement. Personne ne lit les réponses.",
    moment="{day} {month} {year} à {time} ({zone})",
    colon=" : ",
    months=(
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
        "novembre", "décembre",
    ),
)  # fmt: skip
WORDS: Mapping[str, Words] = {"en": _EN, "nl": _NL, "fr": _FR}
