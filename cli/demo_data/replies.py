"""What people say to each other on demo tickets, in the language of the ticket."""

from collections.abc import Mapping
from dataclasses import dataclass

from sla.vocabulary import Locale


@dataclass(frozen=True, slots=True, kw_only=True)
class Replies:
    """Sentences to choose from; `closed_by_customer` and the reasons are short."""

    answers: tuple[str, ...]
    questions: tuple[str, ...]
    replies: tuple[str, ...]
    notes: tuple[str, ...]
    to_development: tuple[str, ...]
    closed_by_customer: tuple[str, ...]
    withdrawn: tuple[str, ...]
    not_solved: tuple[str, ...]
    reopening: tuple[str, ...]


NL = Replies(
    answers=(
        "Dank voor de melding. We kunnen het naspelen en zijn begonnen met uitzoeken.",
        "We hebben de melding gelezen en pakken haar op. U hoort vandaag nog meer.",
        "Bedankt, dit herkennen we. Een collega kijkt nu mee in de logboeken.",
        "Goed dat u het meldt. We controleren eerst of andere gebruikers er ook last van hebben.",
    ),
    questions=(
        "Kunt u een schermafdruk sturen, met het tijdstip erbij?",
        "Bij welke gebruiker treedt het op, en ook in een andere browser?",
        "We hebben een oplossing klaarstaan. Wilt u die vandaag nalopen en laten weten of het klopt?",
        "Mogen we hiervoor buiten kantooruren een dienst herstarten?",
    ),
    replies=(
        "De schermafdruk zit erbij. Het was vanmorgen om kwart over negen.",
        "Bij drie collega's, in twee browsers hetzelfde.",
        "Nagelopen: bij ons werkt het nu op één plek wel en op een andere niet.",
        "Dat mag, graag na zes uur 's avonds.",
    ),
    notes=(
        "Lijkt op een eerder geval van deze klant; zelfde onderdeel.",
        "Let op: volgende week hebben zij een piek, dus niet in werktijd herstarten.",
        "Logboek bewaard, de fout treedt op na precies 30 seconden.",
    ),
    to_development=(
        "Fout in het product, doorgezet naar ontwikkeling.",
        "Aanpassing nodig in de code, meegenomen in de eerstvolgende uitgave.",
    ),
    closed_by_customer=("Opgelost, bedankt.", "Werkt weer, mag dicht.", "Het antwoord is duidelijk."),
    withdrawn=("Per ongeluk twee keer gemeld.", "Het lag aan ons eigen netwerk."),
    not_solved=(
        "Vanmorgen gebeurde het toch weer, op dezelfde manier.",
        "Bij een van de locaties is het probleem terug.",
    ),
    reopening=("Het verschijnsel is terug.", "De oplossing hield geen stand."),
)

EN = Replies(
    answers=(
        "Thank you for the report. We can reproduce it and have started to look for the cause.",
        "We have read this and are on it. You will hear more today.",
        "Thanks, we know this behaviour. A colleague is going through the logs.",
    ),
    questions=(
        "Could you send a screenshot, and the time at which it happened?",
        "Which user sees this, and does it happen in another browser too?",
        "A solution is ready. Would you check it today and tell us whether it is right?",
    ),
    replies=(
        "Screenshot attached. It was at a quarter past nine.",
        "Three colleagues, the same in two browsers.",
        "Checked: it works in one place, not yet in the other.",
    ),
    notes=(
        "Similar to an earlier case of this customer, same component.",
        "Kept the log: it fails after exactly 30 seconds.",
    ),
    to_development=(
        "A fault in the product, passed to development.",
        "Needs a change in the code, next release.",
    ),
    closed_by_customer=("Solved, thank you.", "Works again, please close."),
    withdrawn=("Reported twice by mistake.", "It was our own network."),
    not_solved=("It happened again this morning.", "One of the sites has the problem back."),
    reopening=("The symptom is back.", "The fix did not hold."),
)

FR = Replies(
    answers=(
        "Merci pour le signalement. Nous reproduisons le problème et en cherchons la cause.",
        "C'est bien reçu et pris en charge. Vous aurez des nouvelles aujourd'hui.",
        "Merci, nous connaissons ce comportement. Un collègue consulte les journaux.",
    ),
    questions=(
        "Pourriez-vous envoyer une capture d'écran avec l'heure ?",
        "Quel utilisateur est concerné, et est-ce pareil dans un autre navigateur ?",
        "Une solution est prête. Voulez-vous la vérifier aujourd'hui et nous dire si elle convient ?",
    ),
    replies=(
        "La capture est jointe. C'était à neuf heures et quart.",
        "Trois collègues, idem dans deux navigateurs.",
        "Vérifié : cela marche à un endroit, pas encore à l'autre.",
    ),
    notes=(
        "Ressemble à un cas antérieur de ce client, même composant.",
        "Attention : le vendredi soir, pas de redémarrage pendant le service.",
    ),
    to_development=(
        "Défaut du produit, transmis au développement.",
        "Modification du code dans la prochaine version.",
    ),
    closed_by_customer=("Résolu, merci.", "Tout fonctionne, vous pouvez clôturer."),
    withdrawn=("Signalé deux fois par erreur.", "Cela venait de notre propre réseau."),
    not_solved=("C'est revenu ce matin.", "Un des restaurants a de nouveau le problème."),
    reopening=("Le problème est revenu.", "La correction n'a pas tenu."),
)

REPLIES: Mapping[Locale, Replies] = {Locale.NL: NL, Locale.EN: EN, Locale.FR: FR}
