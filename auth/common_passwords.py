"""Words and runs that people choose, in the three languages of the portal; compared without decoration.

Published lists of the most common passwords hold few of twelve characters and more, and nearly all of those are one
of these words twice, two of them in a row, or one with digits and signs around it or for letters: so the words are
kept, and `auth.passwords` undoes the rest (OWASP ASVS 5.0, 6.2.4).
"""

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
love you baby angel lovely forever friends family mother daddy honey flower butterfly rainbow purple
orange yellow green blue black white silver golden diamond chocolate cookie banana pepper ginger
summertime christmas birthday holiday weekend tigger buster soccer hockey tennis basketball liverpool
arsenal chelsea barcelona realmadrid manchester united yankees cowboys rangers eagles
anthony andrew thomas robert daniel joshua matthew william jennifer jessica ashley nicole amanda
daniel sophie emma lucas thijs sander jeroen maria marie jean pierre nicolas camille julien
manager project office business account finance sales service product portal website google facebook
microsoft windows linux apple samsung android internetbank bank money lucky winner killer cheese
mustang ferrari porsche mercedes yamaha corvette matrix phoenix hannah maggie bailey jasper
vakantie liefde schatje lieverd mama papa hond kat poes thuis fiets auto water kaas bier koffie
amour soleil bonheur vacances chocolat doudou loulou chouchou maison famille liberte motdepasse
asdf qwer zxcv wasd poiuy lkjh mnbv qwert azert abcd test1234 abc123 pass1234 admin123
mijn mon ma my mes het de le la the is
"""
COMMON_WORDS = frozenset(_WORDS.split())
PRODUCT_NAMES = ("slaportal", "portal", "qixium", "oxygis", "open2bizz", "scope4mation")
