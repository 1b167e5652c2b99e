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
    "ContactTaken": (
        "Voor deze contactpersoon is er al een account. Deactiveer dat eerst, of wijs een andere contactpersoon aan.",
        "There is an account for this contact already. Deactivate it first, or name another contact.",
        "Il y a déjà un compte pour ce contact. Désactivez-le d'abord ou désignez un autre contact.",
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
    "UnknownAccount": (
        "Dit account is er niet.",
        "There is no such account here.",
        "Ce compte n'existe pas ici.",
    ),
    "AccountInOtherState": (
        "Dat kan niet zolang het account de status {status} heeft.",
        "That cannot be done while the account has the status {status}.",
        "Impossible tant que le compte a le statut {status}.",
    ),
    "OwnRights": (
        "Niemand geeft zichzelf rechten of de naam van een andere contactpersoon. Vraag het een andere beheerder.",
        "Nobody gives rights, or another contact's name, to themselves. Ask another administrator.",
        "Personne ne s'attribue des droits ou le nom d'un autre contact. Demandez-le à un autre administrateur.",
    ),
    "OwnFactor": (
        "Wie zijn tweede factor kwijt is, laat die door een andere beheerder of de leverancier terugzetten.",
        "Who has lost a second factor has it reset by another administrator or the vendor.",
        "Qui a perdu son second facteur le fait réinitialiser par un autre administrateur ou le fournisseur.",
    ),
    "RightsEnded": (
        "Uw recht om accounts te beheren is zojuist geëindigd. Er is niets gewijzigd.",
        "Your right to manage accounts has just ended. Nothing was changed.",
        "Votre droit de gérer les comptes vient de prendre fin. Rien n'a été modifié.",
    ),
    "AdministratorsByVendorOnly": (
        "Volgens de overeenkomst beheert alleen de leverancier de accounts van beheerders. Neem contact op.",
        "By the agreement only the vendor manages administrators' accounts. Contact your vendor.",
        "Selon l'accord, seul le fournisseur gère les comptes d'administrateurs. Contactez-le.",
    ),
    "NoSuchTier": (
        "Kies een niveau van deze overeenkomst: {tiers}.",
        "Name a tier of this agreement: {tiers}.",
        "Choisissez un niveau de cet accord : {tiers}.",
    ),
}
