"""What people read when something with accounts or named contacts is refused."""

from collections.abc import Mapping

ACCOUNT_TEXTS: Mapping[str, tuple[str, str, str]] = {
    # name: Dutch, English, French
    "ContactLimitReached": (
        "De overeenkomst kent ten hoogste {limit} contactpersonen. Verwijder er eerst een.",
        "The agreement allows at most {limit} named contacts. Remove one first.",
        "L'accord admet au plus {limit} personnes de contact. Retirez-en une d'abord.",
    ),
    "UnknownContact": (
        "Deze contactpersoon is er niet.",
        "There is no such contact.",
        "Ce contact n'existe pas.",
    ),
    "ContactRemoved": (
        "Deze contactpersoon is niet meer gemachtigd.",
        "This contact is not entitled any more.",
        "Ce contact n'est plus habilité.",
    ),
    "NotANamedContact": (
        "Alleen een contactpersoon die in de overeenkomst is genoemd mag dit doen.",
        "Only a contact named in the agreement may do this.",
        "Seule une personne de contact nommée dans l'accord peut le faire.",
    ),
    "LastAdministrator": (
        "Er moet iemand blijven die accounts beheert en contactpersoon is. Wijs eerst een ander aan.",
        "Somebody must stay who manages accounts and is a named contact. Appoint somebody else first.",
        "Il doit rester une personne de contact qui gère les comptes. Désignez-en une autre d'abord.",
    ),
    "AccountExists": (
        "Er is al een account met dit e-mailadres.",
        "There is an account with this e-mail address already.",
        "Un compte existe déjà avec cette adresse.",
    ),
    "AccountErased": (
        "De gegevens van deze persoon zijn gewist.",
        "The data of this person has been erased.",
        "Les données de cette personne ont été effacées.",
    ),
    "UnknownAccount": (
        "Deze persoon is hier niet uitgenodigd.",
        "This person was not invited here.",
        "Cette personne n'a pas été invitée ici.",
    ),
}
