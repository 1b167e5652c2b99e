"""Words and runs that people choose, in the three languages of the portal; compared without decoration."""

from __future__ import annotations

_WORDS = """
password passwords passw0rd p@ssw0rd p@ssword pass passe passwort motdepasse wachtwoord welkom
welcome bienvenue admin administrator administrateur beheerder root user gebruiker utilisateur login
signin guest test testing demo letmein iloveyou ikhouvanjou jetaime sunshine princess dragon monkey
football voetbal baseball superman batman master shadow michael jordan charlie hunter trustno hello
hallo bonjour secret geheim geheimpje changeme veranderme qwerty qwertyuiop qwertyuiopasdf
qwertyuiopasdfgh qwertyuiopasdfghjkl asdfgh asdfghjkl zxcvbn zxcvbnm azerty azertyuiop azertyuiopqs
azertyuiopqsdfgh qazwsx qazwsxedc qazwsxedcrfv 1q2w3e4r 1q2w3e4r5t6y 1qaz2wsx3edc q1w2e3r4t5y6
abcdef abcdefgh abcdefghijkl lente zomer herfst winter summer spring autumn printemps automne hiver
january februari february monday maandag lundi amsterdam rotterdam brussel bruxelles antwerpen paris
london nederland belgie france holland ajax feyenoord anderlecht whatever freedom computer internet
default company support helpdesk servicedesk consultancy contract agreement oracle server database
starwars pokemon correcthorsebatterystaple
"""
COMMON_WORDS = frozenset(_WORDS.split())
PRODUCT_NAMES = ("slaportal", "sla portal", "portal")
