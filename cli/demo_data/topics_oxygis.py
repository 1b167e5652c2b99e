"""Tickets of a chain of restaurants that runs its till and stock system in the vendor's cloud."""

from cli.demo_data.topic import Topic
from sla.vocabulary import Locale, TicketType

INCIDENT, QUESTION, SERVICE = TicketType.INCIDENT, TicketType.QUESTION, TicketType.SERVICE_REQUEST

OXYGIS = (
    Topic(
        type=INCIDENT,
        locale=Locale.FR,
        wish="CRITICAL",
        subject="Odoo inaccessible dans tous les restaurants",
        description="Depuis ce matin la page de connexion répond par une erreur 502, à {place} comme ailleurs. "
        "Les caisses tournent hors ligne mais les commandes n'arrivent plus en cuisine.",
        solution="Le service de base de données a été redémarré et surveillé pendant une heure. "
        "Toutes les caisses sont de nouveau synchronisées.",
    ),
    Topic(
        type=INCIDENT,
        locale=Locale.NL,
        wish="CRITICAL",
        subject="Niemand kan aanmelden op de Odoo-omgeving",
        description="Alle filialen krijgen na het wachtwoord een wit scherm. {place} belde als eerste, "
        "intussen melden ook de andere zaken hetzelfde.",
        solution="Een schijf van de sessieopslag liep vol. Er is ruimte bijgezet en het alarm staat nu scherper.",
    ),
    Topic(
        type=INCIDENT,
        locale=Locale.FR,
        wish="MAJOR",
        subject="Impression des tickets de cuisine en retard à {place}",
        description="Les bons sortent avec dix minutes de retard aux heures de pointe. "
        "Le redémarrage de l'imprimante n'y change rien.",
        solution="La file d'impression contenait {number} bons bloqués. Elle est vidée et limitée à cinq minutes.",
    ),
    Topic(
        type=INCIDENT,
        locale=Locale.NL,
        wish="MAJOR",
        subject="Voorraadtelling van {place} blijft hangen",
        description="Bij het bevestigen van de telling draait het wieltje eindeloos. Het gaat om {number} regels. "
        "Kleine tellingen lukken wel.",
        solution="De geplande taak liep tegen een tijdslimiet. De telling is alsnog geboekt en de limiet verhoogd.",
    ),
    Topic(
        type=INCIDENT,
        locale=Locale.NL,
        wish="MAJOR",
        subject="Dagontvangsten niet doorgeboekt naar de boekhouding",
        description="De ontvangsten van {place} staan in de kassa maar niet in het dagboek. "
        "Onze boekhouder moet vrijdag de btw-aangifte indienen.",
        solution="Het dagboek was vergrendeld voor die periode. De {number} boekingen zijn opnieuw aangeboden.",
    ),
    Topic(
        type=INCIDENT,
        locale=Locale.FR,
        wish="MAJOR",
        subject="Terminal de paiement déconnecté du logiciel de caisse",
        description="À {place} le montant n'est plus envoyé au terminal ; {person} doit le taper à la main.",
        solution="Le certificat du pont de paiement avait expiré. Il est renouvelé automatiquement désormais.",
    ),
    Topic(
        type=INCIDENT,
        locale=Locale.FR,
        wish="MINOR",
        subject="Logo absent sur les factures en PDF",
        description="Depuis la mise à jour, les factures de {place} sortent sans logo. Rien d'urgent, "
        "mais les clients le remarquent.",
        solution="Le modèle pointait vers une ancienne image. Le logo est de retour, aussi sur les duplicata.",
    ),
    Topic(
        type=INCIDENT,
        locale=Locale.NL,
        wish="MINOR",
        subject="Kolom 'allergenen' verdwijnt bij afdrukken",
        description="Op het scherm staat de kolom er, op papier niet. {person} schrijft ze nu met de hand bij.",
        solution="De kolom viel buiten de paginabreedte. Het sjabloon drukt nu liggend af.",
    ),
    Topic(
        type=INCIDENT,
        locale=Locale.EN,
        wish="MINOR",
        subject="Export of suppliers shows dates in American order",
        description="The file that {person} downloads for {place} has month and day swapped. "
        "We correct it by hand each week.",
        solution="The export now follows the language of the user instead of that of the server.",
    ),
    Topic(
        type=QUESTION,
        locale=Locale.FR,
        subject="Combien de temps gardez-vous les sauvegardes ?",
        description="Notre réviseur demande sur quelle période nous pouvons revenir en arrière, et dans quel délai.",
        solution="Les sauvegardes et leur durée de conservation figurent dans la fiche jointe à votre contrat.",
    ),
    Topic(
        type=QUESTION,
        locale=Locale.NL,
        subject="Hoe geven we een seizoenskracht toegang tot de kassa?",
        description="{person} in {place} krijgt er in de zomer {number} jobstudenten bij. "
        "Moeten die elk een eigen gebruiker hebben?",
        solution="Een kassamedewerker met pincode volstaat; een volledige gebruiker is er niet voor nodig.",
    ),
    Topic(
        type=QUESTION,
        locale=Locale.EN,
        subject="Can a second bank account be linked to one restaurant?",
        description="{place} moves to another bank in steps. For two months both accounts are in use.",
        solution="Yes: add a second bank journal and choose it per payment method. The steps are in your manual.",
    ),
    Topic(
        type=SERVICE,
        locale=Locale.FR,
        subject="Copie de la base de production pour une formation",
        description="Nous formons {number} personnes la semaine prochaine à {place} et aimerions "
        "travailler sur des données récentes.",
        solution="La copie est en ligne, sans les adresses des clients. Elle sera retirée dans trente jours.",
    ),
    Topic(
        type=SERVICE,
        locale=Locale.NL,
        subject="Nieuwe vestiging {place} toevoegen aan de hosting",
        description="De zaak opent over een maand. Graag de domeinnaam en de toegang klaarzetten; "
        "{person} is het aanspreekpunt.",
        solution="Domeinnaam, certificaat en toegang staan klaar. {person} heeft ze getest.",
    ),
)
