"""Who takes part in the demo: the vendor's operators and five customers, all of them made up."""

from dataclasses import dataclass

from auth.permissions import OperatorRole
from sla.layers import Agreed


@dataclass(frozen=True, slots=True)
class Person:
    """`email` is the part before the @."""

    name: str
    email: str
    locale: str
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer and its contract. The first contact has every right, the second registers tickets, the third
    is invited. `months` is how far its history goes back at most, `rate_cents` the contract's own rate an hour,
    `agreed` what was agreed in writing beside the policy.
    """

    slug: str
    name: str
    domain: str
    locale: str
    policy_key: str
    tier: str
    months: int
    tickets: int
    contacts: tuple[Person, Person, Person]
    reader: Person
    places: tuple[str, ...]
    card_block_hours: int
    card_blocks: int
    hosting: str | None = None
    addenda: tuple[str, ...] = ()
    rate_cents: int | None = None
    agreed: tuple[Agreed, ...] = ()


VENDOR = "Qualis Support"
VENDOR_DOMAIN = "qualis.example"
VENDOR_SIGNER = "Marleen van Dijk"

OPERATORS: tuple[tuple[Person, frozenset[OperatorRole]], ...] = (
    (Person("Sanne Bakker", "sanne", "NL"), frozenset({OperatorRole.SUPPORT})),
    (Person("Tom Claes", "tom", "NL"), frozenset({OperatorRole.SUPPORT, OperatorRole.CONSULTANT})),
    (Person("Marleen van Dijk", "marleen", "NL"), frozenset({OperatorRole.SUPPORT_MANAGER})),
    (Person("Idris Haddad", "idris", "EN"), frozenset({OperatorRole.SAAS_TEAM, OperatorRole.SUPPORT})),
    (Person("Freya Olsen", "freya", "EN"), frozenset({OperatorRole.ADMINISTRATOR})),
)

CUSTOMERS = (
    Customer(
        slug="zonnedael",
        name="Zonnedael Zorg",
        domain="zonnedael.example",
        locale="NL",
        policy_key="qixium",
        tier="SUPPORT",
        months=18,
        tickets=100,
        contacts=(
            Person("Anouk de Wit", "anouk", "NL", "+31 30 555 01 10"),
            Person("Bilal Yildiz", "bilal", "NL", "+31 30 555 01 11"),
            Person("Carla Mulder", "carla", "NL", "+31 30 555 01 12"),
        ),
        reader=Person("Dirk Smit", "dirk", "NL"),
        places=("Zeist", "Amersfoort", "Houten", "Soest", "Nieuwegein"),
        card_block_hours=4,
        card_blocks=10,
    ),
    Customer(
        slug="noordster",
        name="Noordster Logistiek",
        domain="noordster.example",
        locale="NL",
        policy_key="qixium",
        tier="QAAS",
        agreed=(Agreed("response.HIGH", "60 minutes", "Addendum 2026-04"),),
        months=7,
        tickets=75,
        contacts=(
            Person("Erik Postma", "erik", "NL", "+31 50 555 02 20"),
            Person("Fenna Wierda", "fenna", "NL", "+31 50 555 02 21"),
            Person("Greg Palmer", "greg", "EN", "+31 50 555 02 22"),
        ),
        reader=Person("Hanna Visser", "hanna", "NL"),
        places=("Groningen", "Delfzijl", "Emmen", "Bremen", "Heerenveen"),
        card_block_hours=4,
        card_blocks=6,
    ),
    Customer(
        slug="lafontaine",
        name="Brasserie La Fontaine",
        domain="lafontaine.example",
        locale="FR",
        policy_key="oxygis",
        tier="STANDARD",
        months=15,
        tickets=65,
        contacts=(
            Person("Juliette Lambert", "juliette", "FR", "+32 2 555 03 30"),
            Person("Koen Peeters", "koen", "NL", "+32 2 555 03 31"),
            Person("Louis Dubois", "louis", "FR", "+32 2 555 03 32"),
        ),
        reader=Person("Manon Renard", "manon", "FR"),
        places=("Bruxelles", "Liège", "Namur", "Gent", "Leuven"),
        hosting="CLOUD",
        card_block_hours=4,
        card_blocks=4,
    ),
    Customer(
        slug="fietsplan",
        name="Fietsplan BV",
        domain="fietsplan.example",
        locale="NL",
        policy_key="open2bizz",
        tier="STANDARD",
        months=18,
        tickets=80,
        contacts=(
            Person("Nadia Kramer", "nadia", "NL", "+31 24 555 04 40"),
            Person("Olaf Jansen", "olaf", "NL", "+31 24 555 04 41"),
            Person("Petra Vos", "petra", "NL", "+31 24 555 04 42"),
        ),
        reader=Person("Quinten Maas", "quinten", "NL"),
        places=("Nijmegen", "Arnhem", "Tiel", "Wijchen", "Ede"),
        addenda=("TEST_ENVIRONMENT", "METABASE"),
        rate_cents=125_00,
        card_block_hours=4,
        card_blocks=20,
    ),
    Customer(
        slug="havenlicht",
        name="Havenlicht Energie",
        domain="havenlicht.example",
        locale="NL",
        policy_key="s4m-support",
        tier="EXTENDED",
        months=17,
        tickets=70,
        contacts=(
            Person("Ruben Hoekstra", "ruben", "NL", "+31 10 555 05 50"),
            Person("Saskia Blom", "saskia", "NL", "+31 10 555 05 51"),
            Person("Thomas Reed", "thomas", "EN", "+31 10 555 05 52"),
        ),
        reader=Person("Ursula Kok", "ursula", "NL"),
        places=("Rotterdam", "Schiedam", "Dordrecht", "Hoek van Holland", "Vlissingen"),
        rate_cents=165_00,
        card_block_hours=8,
        card_blocks=5,
    ),
)
