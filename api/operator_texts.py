"""What the vendor's people read when something on their plane is refused."""

from collections.abc import Mapping

OPERATOR_TEXTS: Mapping[str, tuple[str, str, str]] = {
    # name: Dutch, English, French
    "OperatorExists": (
        "Er is al een medewerker met dit e-mailadres.",
        "There is an operator with this e-mail address already.",
        "Un opérateur a déjà cette adresse.",
    ),
    "UnknownOperator": (
        "Deze medewerker is er niet.",
        "There is no such operator.",
        "Cet opérateur n'existe pas.",
    ),
    "NoRoles": (
        "Geef ten minste één rol.",
        "Give at least one role.",
        "Donnez au moins un rôle.",
    ),
    "NoLongerAdministrator": (
        "U bent intussen geen beheerder meer.",
        "You are no administrator any more.",
        "Vous n'êtes plus administrateur.",
    ),
    "LastOperatorAdministrator": (
        "Er moet iemand blijven die ADMINISTRATOR is en kan aanmelden. Geef eerst een ander die rol.",
        "Somebody must stay who is ADMINISTRATOR and can sign in. Give somebody else that role first.",
        "Il doit rester un ADMINISTRATOR qui peut se connecter. Donnez d'abord ce rôle à quelqu'un d'autre.",
    ),
    "OperatorInOtherState": (
        "Dit kan niet met een medewerker in de toestand {status}.",
        "This cannot be done with an operator who is {status}.",
        "Impossible avec un opérateur dans l'état {status}.",
    ),
    "OwnOperatorFactor": (
        "Een tweede beheerder zet uw factor terug, nadat die heeft gezien dat u het bent.",
        "A second administrator resets your factor, having seen that it is you.",
        "Un second administrateur réinitialise votre facteur, après avoir vérifié que c'est vous.",
    ),
    "WorkReasonMissing": (
        "De overeenkomst van deze klant vraagt waarom u in de gegevens werkt. Geef een reden.",
        "This customer's contract asks why you work in its data. Give a reason.",
        "L'accord de ce client demande pourquoi vous travaillez dans ses données. Donnez un motif.",
    ),
    "NotAtWork": (
        "U hebt hier geen werksessie open.",
        "You have no work session open here.",
        "Vous n'avez pas de session de travail ouverte ici.",
    ),
}
