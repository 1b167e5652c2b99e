"""What people read when signing in, or changing how they do, is refused."""

from collections.abc import Mapping

SIGN_IN_TEXTS: Mapping[str, tuple[str, str, str]] = {
    # name: Dutch, English, French
    "SignInFailed": (
        "Aanmelden is niet gelukt. Controleer e-mailadres, wachtwoord en klant, of vraag een nieuw wachtwoord aan.",
        "Sign-in failed. Check e-mail address, password and customer, or ask for a new password.",
        "La connexion a échoué. Vérifiez l'adresse, le mot de passe et le client, ou demandez un nouveau mot de passe.",
    ),
    "MfaFailed": (
        "De code is niet geldig. Controleer de klok van uw toestel; een code werkt één keer. Of meld u opnieuw aan.",
        "The code is not valid. Check your device's clock; a code works once. If need be, sign in again.",
        "Code non valable. Vérifiez l'horloge de l'appareil ; un code sert une fois. Au besoin, reconnectez-vous.",
    ),
    "EnrollmentRefused": (
        "Dit account heeft al een tweede factor. Meld aan met een code.",
        "This account has a second factor already. Sign in with a code.",
        "Ce compte a déjà un second facteur. Connectez-vous avec un code.",
    ),
    "StepUpRequired": (
        "Toon uw tweede factor nog eens (stepUp) en probeer het dan opnieuw.",
        "Show your second factor again (stepUp), then retry.",
        "Présentez à nouveau votre second facteur (stepUp), puis réessayez.",
    ),
    "CurrentPasswordWrong": (
        "Het huidige wachtwoord klopt niet.",
        "The current password is not right.",
        "Le mot de passe actuel n'est pas correct.",
    ),
    "TooManyTries": (
        "Dit is te vaak geprobeerd. Wacht even, een kwartier is genoeg, en probeer het dan opnieuw.",
        "This was tried too often. Wait a little, a quarter of an hour is enough, then retry.",
        "Trop d'essais. Attendez un peu, un quart d'heure suffit, puis réessayez.",
    ),
    "LinkInvalid": (
        "Deze link is gebruikt, verlopen of onbekend. Vraag een nieuwe.",
        "This link was used, has expired or is unknown. Ask for a new one.",
        "Ce lien est utilisé, expiré ou inconnu. Demandez-en un autre.",
    ),
    "EmailUnusable": (
        "Geef een ander e-mailadres dan uw huidige, zoals naam@voorbeeld.nl.",
        "Give another e-mail address than your present one, such as name@example.org.",
        "Indiquez une autre adresse que l'actuelle, comme nom@exemple.fr.",
    ),
    "EmailTaken": (
        "Met dit e-mailadres meldt al iemand anders aan.",
        "Somebody else signs in with this e-mail address already.",
        "Une autre personne se connecte déjà avec cette adresse.",
    ),
    "InvitationInvalid": (
        "Deze uitnodiging is gebruikt, verlopen of onbekend. Vraag een nieuwe.",
        "This invitation was used, has expired or is unknown. Ask for a new one.",
        "Cette invitation est utilisée, expirée ou inconnue. Demandez-en une autre.",
    ),
    "RefreshFailed": (
        "De sessie is voorbij. Meld opnieuw aan.",
        "The session is over. Sign in again.",
        "La session est terminée. Reconnectez-vous.",
    ),
    "RefreshReused": (
        "De sessie is voorbij. Meld opnieuw aan.",
        "The session is over. Sign in again.",
        "La session est terminée. Reconnectez-vous.",
    ),
    "WeakPassword.TOO_SHORT": (
        "Neem een wachtwoord van ten minste {limit} tekens.",
        "Take a password of at least {limit} characters.",
        "Choisissez un mot de passe d'au moins {limit} caractères.",
    ),
    "WeakPassword.TOO_LONG": (
        "Neem een wachtwoord van ten hoogste {limit} tekens.",
        "Take a password of at most {limit} characters.",
        "Choisissez un mot de passe d'au plus {limit} caractères.",
    ),
    "WeakPassword.NOT_TEXT": (
        "Dit wachtwoord bevat tekens die geen tekst zijn.",
        "This password holds characters that are no text.",
        "Ce mot de passe contient des caractères qui ne sont pas du texte.",
    ),
    "WeakPassword.COMMON": (
        "Dit wachtwoord staat op lijsten van veelgebruikte wachtwoorden.",
        "This password is on lists of common passwords.",
        "Ce mot de passe figure dans les listes de mots de passe courants.",
    ),
    "WeakPassword.NAMES": (
        "Gebruik niet uw eigen naam of die van de organisatie of het product.",
        "Do not use your own name, the organisation's or the product's.",
        "N'utilisez ni votre nom, ni celui de l'organisation ou du produit.",
    ),
}
