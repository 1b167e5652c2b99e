"""Tickets of a bicycle leasing company that works in Odoo, with Metabase and a test environment."""

from cli.demo_data.topic import Topic
from sla.vocabulary import Environment, Locale, ProblemKind, TicketType

NL, EN = Locale.NL, Locale.EN
INCIDENT, QUESTION, SERVICE = TicketType.INCIDENT, TicketType.QUESTION, TicketType.SERVICE_REQUEST

OPEN2BIZZ = (
    Topic(
        type=INCIDENT,
        locale=NL,
        wish="P1",
        priority="P1",
        subject="Odoo volledig onbereikbaar",
        description="De omgeving geeft een time-out, ook van buiten kantoor. Balie en werkplaats liggen stil.",
        solution="Een vastgelopen databaseproces is beëindigd. De omgeving is weer snel en wordt extra bewaakt.",
    ),
    Topic(
        type=INCIDENT,
        locale=NL,
        wish="P2",
        priority="P2",
        subject="Leasecontracten openen duurt een halve minuut",
        description="Sinds de update is elk contract traag. In {place} staan klanten te wachten.",
        solution="Een index ontbrak na de update. Contracten openen weer binnen een seconde.",
    ),
    Topic(
        type=INCIDENT,
        locale=NL,
        wish="P1",
        priority="P2",
        subject="Incassobestand wordt niet aangemaakt",
        description="De incasso van {number} contracten moet vandaag naar de bank. De knop doet niets.",
        solution="Eén contract had een ongeldige IBAN. Dat contract is apart gezet en het bestand is aangemaakt.",
    ),
    Topic(
        type=INCIDENT,
        locale=NL,
        subject="Bevestigingsmail komt dubbel aan",
        description="Klanten van {place} krijgen de bevestiging van hun fiets twee keer.",
        solution="Twee automatische acties deden hetzelfde. Er is er een uitgezet.",
    ),
    Topic(
        type=INCIDENT,
        locale=EN,
        subject="Frame numbers with a slash cannot be searched",
        description="{person} cannot find bicycles whose frame number holds a slash. There are {number} of them.",
        solution="The search field treated the slash as a separator. It no longer does.",
    ),
    Topic(
        type=INCIDENT,
        locale=NL,
        component="METABASE",
        problem_kind=ProblemKind.TECHNICAL,
        subject="Dashboard 'werkplaats' laadt niet",
        description="Metabase meldt dat de verbinding met de database is verbroken. Andere dashboards werken.",
        solution="De verbinding gebruikte een verlopen wachtwoord. Het is vernieuwd.",
    ),
    Topic(
        type=INCIDENT,
        locale=NL,
        environment=Environment.TEST,
        problem_kind=ProblemKind.TECHNICAL,
        subject="Testomgeving start niet na verversen",
        description="Na het terugzetten van de kopie van {place} komt de testomgeving niet meer op.",
        solution="De kopie is opnieuw gemaakt en de omgeving draait.",
    ),
    Topic(
        type=INCIDENT,
        locale=NL,
        component="THIRD_PARTY",
        subject="Module voor postcodecontrole geeft een fout",
        description="De aangekochte module vult bij {place} geen straatnaam meer in.",
        solution="De maker van de module heeft een nieuwe versie; de installatie is als maatwerk aangeboden.",
    ),
    Topic(
        type=INCIDENT,
        locale=NL,
        priority="P4",
        subject="Spelfout in het keuzemenu van de werkplaats",
        description="Er staat 'achterligt'. Niet dringend.",
        solution="De vertaling is aangepast.",
    ),
    Topic(
        type=QUESTION,
        locale=NL,
        subject="Hoe zet ik een fiets op een ander contract?",
        description="{person} van {place} wil een leasefiets overzetten naar een collega zonder nieuw contract.",
        solution="Dat kan met de knop 'overdragen' op het contract; de historie blijft bewaard.",
    ),
    Topic(
        type=QUESTION,
        locale=NL,
        subject="Waar vind ik de openstaande reparaties per monteur?",
        description="Voor het weekoverleg zoekt {person} een lijst per monteur.",
        solution="Groepeer de lijst op 'verantwoordelijke' en bewaar dat als favoriet.",
    ),
    Topic(
        type=QUESTION,
        locale=EN,
        priority="P3",
        subject="Can invoices be sent in two languages?",
        description="Employees of {place} are partly English speaking. Their invoices are Dutch now.",
        solution="The language of the contact decides. It can be set for many contacts at once.",
    ),
    Topic(
        type=SERVICE,
        locale=NL,
        subject="{number} nieuwe gebruikers aanmaken",
        description="Per de eerste van de maand starten nieuwe collega's in {place}. De lijst staat klaar.",
        solution="De gebruikers zijn aangemaakt met de standaardgroep van hun functie.",
    ),
    Topic(
        type=SERVICE,
        locale=NL,
        subject="Franse taal installeren",
        description="De vestiging {place} krijgt Franstalige collega's.",
        solution="De taal is geïnstalleerd met de standaardvertalingen.",
    ),
    Topic(
        type=SERVICE,
        locale=NL,
        priority="P3",
        subject="Rechten van {person} aanpassen",
        description="{person} gaat naar de administratie en hoeft geen voorraad meer te zien.",
        solution="De rechtengroep is gewijzigd; de oude rechten zijn ingetrokken.",
    ),
)
