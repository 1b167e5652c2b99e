"""Policy files that somebody got wrong, by kind of mistake: what is changed in a good file, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass

QIXIUM = "qixium-2026-03-01.toml"
OPEN2BIZZ = "open2bizz-2024-01-01.toml"
OXYGIS = "oxygis-2025-06-18.toml"
S4M = "s4m-support-2023-03-01.toml"


@dataclass(frozen=True)
class Wrong:
    """`old` becomes `new`; the message names `place`, the line that holds `line`, and says what to do: `says`."""

    old: str
    new: str
    place: str
    line: str
    says: str
    file: str = QIXIUM


MISTAKES = {
    "a text without its closing quote": Wrong(
        'key = "qixium"', 'key = "qixium', "TOML", 'key = "qixium', "quotes"
    ),
    "a figure misspelt": Wrong(
        'response = "2 hours"\nresolution = "8 hours"',
        'response = "2 ours"\nresolution = "8 hours"',
        "targets[2].response",
        'response = "2 ours"',
        "'2 ours' must be written as \"2 hours\"",
    ),
    "a time without its zero": Wrong(
        'mon-fri = "08:30-16:30"',
        'mon-fri = "8:30-16:30"',
        "calendars.office.hours.mon-fri",
        'mon-fri = "8:30-16:30"',
        'must be written as "09:00-17:00"',
    ),
    "windows that overlap": Wrong(
        'mon-fri = "08:30-16:30"',
        'mon = ["08:30-16:30", "16:00-18:00"]',
        "calendars.office.hours",
        "hours = { mon =",
        "join them into one",
    ),
    "a window that is empty": Wrong(
        'mon-fri = "08:30-16:30"',
        'mon = "08:30-08:30"',
        "calendars.office.hours.mon",
        "hours = { mon",
        "leave it out",
    ),
    "a day that there is not": Wrong(
        'mon-fri = "08:30-16:30"',
        'maandag = "08:30-16:30"',
        "calendars.office.hours",
        "hours = { maandag",
        "write mon, tue, wed",
    ),
    "a calendar that never opens": Wrong(
        '{ mon-fri = "08:30-16:30" }',
        "{ }",
        "calendars.office.hours",
        "hours = { }",
        "nothing could ever be due",
    ),
    "holidays of a country that is not known": Wrong(
        'holidays = "NL"', 'holidays = "DE"', "calendars.office.holidays", 'holidays = "DE"', "none of NL, BE"
    ),
    "a flag in quotes": Wrong(
        "good_friday = false",
        'good_friday = "no"',
        "calendars.office.good_friday",
        'good_friday = "no"',
        "must be true or false",
    ),
    "a zone that there is not": Wrong(
        'zone = "Europe/Amsterdam"',
        'zone = "Europe/Ede"',
        "zone",
        'zone = "Europe/Ede"',
        "write one such as Europe/Amsterdam",
    ),
    "a target without a calendar": Wrong(
        'calendar = "always"\nclause = "QX-054"',
        'calendar = "nights"\nclause = "QX-054"',
        "targets[1].calendar",
        'calendar = "nights"',
        "this file has always, office",
    ),
    "a tier without a calendar": Wrong(
        'label = { nl = "QaaS", en = "QaaS", fr = "QaaS" }\ncalendar = "office"',
        'label = { nl = "QaaS", en = "QaaS", fr = "QaaS" }',
        "tiers.QAAS.calendar",
        "[tiers.QAAS]",
        "is missing",
    ),
    "a clause that there is not": Wrong(
        'types = ["INCIDENT"]\nclause = "QX-054"',
        'types = ["INCIDENT"]\nclause = "QX-999"',
        "priorities.OUTAGE.clause",
        'clause = "QX-999"',
        "'QX-999' is not defined",
    ),
    "two priorities of one rank": Wrong(
        "rank = 2", "rank = 1", "priorities.HIGH.rank", "rank = 1", "a rank of its own"
    ),
    "a rank off the scale": Wrong(
        "rank = 2", "rank = 0", "priorities.HIGH.rank", "rank = 0", "a whole number from 1 to 9"
    ),
    "a priority that can never be given": Wrong(
        'types = ["INCIDENT"]\nclause = "QX-054"',
        'types = ["CONSULTANCY_REQUEST"]\nclause = "QX-054"',
        "priorities.OUTAGE",
        "[priorities.OUTAGE]",
        "can never be given",
    ),
    "a priority that the matrix does not give": Wrong(
        'priorities = ["NORMAL", "LOW", "LOW"]\nclause = "S4-064"',
        'priorities = ["NORMAL", "NORMAL", "NORMAL"]\nclause = "S4-064"',
        "classification.matrix[3].priorities",
        'priorities = ["NORMAL", "NORMAL", "NORMAL"]',
        "more urgent than LOW of the row above",
        S4M,
    ),
    "a gap in the matrix": Wrong(
        'priorities = ["HIGH", "NORMAL", "LOW"]\nclause = "S4-063"',
        'priorities = ["HIGH", "NORMAL"]\nclause = "S4-063"',
        "classification.matrix[2].priorities",
        'priorities = ["HIGH", "NORMAL"]',
        "as many in each row as it has rows, 3",
        S4M,
    ),
    "a matrix that is upside down": Wrong(
        'priorities = ["HIGH", "HIGH", "NORMAL"]',
        'priorities = ["LOW", "HIGH", "NORMAL"]',
        "classification.matrix[1].priorities",
        'priorities = ["LOW", "HIGH", "NORMAL"]',
        "gives LOW for impact 1 and HIGH, more urgent, for impact 2",
        S4M,
    ),
    "a type without a first priority": Wrong(
        'priority = "NORMAL"\nclause = "QX-076"',
        'clause = "QX-076"',
        "types.QUESTION.priority",
        "[types.QUESTION]",
        "until an operator classifies",
    ),
    "a priority without a target": Wrong(
        '[[targets]]\npriority = "LOW"\nresponse = "8 hours"\nresolution = "32 hours"\nclause = "QX-044"\n',
        "",
        "targets",
        "[[targets]]",
        'has no row for the response of QUESTION LOW in tier SUPPORT; write one, with "best effort"',
    ),
    "a target that can never be used": Wrong(
        '[[targets]]\npriority = "HIGH"\nresponse = "2 hours"',
        '[[targets]]\npriority = "HIGH"\nresponse = "1 hour"\nresolution = "4 hours"\nclause = "QX-048"\n\n'
        '[[targets]]\npriority = "HIGH"\nresponse = "2 hours"',
        "targets[3]",
        "[[targets]]",
        "targets[2] comes before it",
    ),
    "a scope that can never be used": Wrong(
        '[[scopes]]\ncomponents = ["DATA_MANAGER"]\n',
        '[[scopes]]\ncomponents = []\noutcome = "covered"\nclause = "QX-012"\n\n'
        '[[scopes]]\ncomponents = ["DATA_MANAGER"]\n',
        "scopes[3]",
        "[[scopes]]",
        "scopes[2] comes before it",
    ),
    "days that differ in length": Wrong(
        'hours = { mon-fri = "08:00-17:00" }',
        'hours = { mon-thu = "08:00-17:00", fri = "08:00-12:00" }',
        "targets[1].response",
        'response = "2 days"',
        "write it in hours",
        S4M,
    ),
    "a deadline that never comes": Wrong(
        'WAITING_FOR_CUSTOMER = ["IN_PROGRESS", "CLOSED"]\nWAITING_FOR_DEVELOPMENT = ["IN_PROGRESS"]',
        'WAITING_FOR_CUSTOMER = ["CLOSED"]\nWAITING_FOR_DEVELOPMENT = ["WAITING_FOR_CUSTOMER"]',
        "statuses.transitions.WAITING_FOR_CUSTOMER",
        'WAITING_FOR_CUSTOMER = ["CLOSED"]',
        "its deadline would never come",
    ),
    "a clock that never starts": Wrong(
        'RESOLUTION = ["WAITING_FOR_CUSTOMER", "WAITING_FOR_DEVELOPMENT"]',
        'RESOLUTION = ["NEW"]',
        "statuses.pauses.RESOLUTION",
        'RESOLUTION = ["NEW"]',
        "the clock would not start",
    ),
    "a term of no days": Wrong(
        "working_days = 10",
        "working_days = 0",
        "auto_close.working_days",
        "working_days = 0",
        "from 1 to 366",
    ),
    "closing from where nothing closes": Wrong(
        'status = "WAITING_FOR_CUSTOMER"\nworking_days',
        'status = "WAITING_FOR_DEVELOPMENT"\nworking_days',
        "auto_close.status",
        'status = "WAITING_FOR_DEVELOPMENT"',
        "cannot be changed to CLOSED",
    ),
    "a key misspelt": Wrong(
        "by_itself = false", "by_himself = false", "auto_close.by_himself", "by_himself = false", "not a key"
    ),
    "an amount below nothing": Wrong(
        'hourly = "250.00"',
        'hourly = "-1"',
        "consultancy.rates[1].hourly",
        'hourly = "-1"',
        "not be negative",
    ),
    "a percentage over 100": Wrong(
        'target = "99.99"', 'target = "999.9"', "availability.target", 'target = "999.9"', "at most 100"
    ),
    "a date in quotes": Wrong(
        "version = 2026-03-01",
        'version = "2026-03-01"',
        "version",
        'version = "2026-03-01"',
        "a date without quotes, such as 2026-03-01",
    ),
    "a language that is not spoken": Wrong(
        'locale = "NL"', 'locale = "DE"', "locale", 'locale = "DE"', "none of NL, EN, FR"
    ),
    "a text that misses a language": Wrong(
        'en = "The agreement is valid from 01/03/2026."\n',
        "",
        "clauses.QX-001.en",
        "[clauses.QX-001]",
        "at least nl and en",
    ),
    "a channel that nobody may use": Wrong(
        'channel = "PHONE"\norigins = ["OPERATOR"]',
        'channel = "PHONE"\norigins = []',
        "channels[3].origins",
        "origins = []",
        "nobody could use the channel",
    ),
    "a channel twice": Wrong(
        'channel = "EMAIL"\naccepted = false',
        'channel = "PHONE"\naccepted = false',
        "channels[5].channel",
        'channel = "PHONE"',
        "join the two",
    ),
    "a notice in something else than days": Wrong(
        'notice = "1 week"',
        'notice = "1 fortnight"',
        "maintenance.notice",
        'notice = "1 fortnight"',
        '"2 days"',
    ),
    "a layer forgotten": Wrong(
        'layers = ["SPECIFIC_AGREEMENT", "POLICY", "GENERAL_TERMS"]',
        'layers = ["SPECIFIC_AGREEMENT", "POLICY"]',
        "precedence.layers",
        'layers = ["SPECIFIC_AGREEMENT", "POLICY"]',
        "once, the strongest first",
    ),
    "a first ring that is not for all": Wrong(
        'key = "BROAD"\ntiers = ["SUPPORT", "QAAS"]',
        'key = "BROAD"\ntiers = ["QAAS"]',
        "releases.rings[1].tiers",
        'tiers = ["QAAS"]',
        "must be for every tier",
    ),
    "a step that nobody answers for": Wrong(
        'SUPPORT_MANAGER = "A" }\nclause = "S4-040"',
        'SUPPORT_MANAGER = "I" }\nclause = "S4-040"',
        "workflow[1].raci",
        "raci = {",
        "exactly one of them A",
        S4M,
    ),
    "history in the wrong order": Wrong(
        "versions = [2026-02-27, 2026-02-24,",
        "versions = [2026-02-24, 2026-02-27,",
        "history.versions",
        "versions = [",
        "the newest first",
    ),
    "a key with a path in it": Wrong(
        'key = "qixium"', 'key = "../qixium"', "key", 'key = "../qixium"', "small letters, digits and hyphens"
    ),
    "the zone of whoever reads it": Wrong(
        'zone = "Europe/Amsterdam"',
        'zone = "localtime"',
        "zone",
        'zone = "localtime"',
        "write one such as Europe/Amsterdam",
    ),
    "a figure with other digits": Wrong(
        'target = "99.99"', 'target = "٩٩"', "availability.target", 'target = "٩٩"', "a number in quotes"
    ),
    "a key in quotes": Wrong("rank = 2", '"rank" = 99', "priorities.HIGH.rank", '"rank" = 99', "from 1 to 9"),
    "a figure of thousands of digits": Wrong(
        "rank = 2", f"rank = {'9' * 5000}", "TOML", "rank = 99", "thousands of digits"
    ),
    "lists in lists in lists": Wrong(
        'key = "qixium"', f"key = {'[' * 3000}", "TOML", "key = [[", "nested hundreds deep"
    ),
    "a long text without its end": Wrong(
        'provider = "Scope4mation"', 'provider = """Scope4mation', "TOML", 'provider = """', "quotes"
    ),
    "a lead of another name": Wrong(
        "[leads.CONSULTANT_BOOKING]",
        "[leads.CONSULTANT_BOOKNG]",
        "leads.CONSULTANT_BOOKNG",
        "[leads.CONSULTANT_BOOKNG]",
        "write OUT_OF_HOURS_REQUEST or CONSULTANT_BOOKING",
        S4M,
    ),
    "one name for two addenda": Wrong(
        'aliases = ["PBX_ADDENDUM"]',
        'aliases = ["METABASE"]',
        "addenda.PBX.aliases",
        'aliases = ["METABASE"]',
        "a name of METABASE already",
        OPEN2BIZZ,
    ),
    "a term that is no number of days": Wrong(
        'most = "30 days"',
        'most = "1 month"',
        "periods.TEST_LICENCE.most",
        'most = "1 month"',
        '"2 days"',
        OPEN2BIZZ,
    ),
    "a band misspelt": Wrong(
        'within = "3 months"',
        'within = "3 monthz"',
        "practice[2].bands[3].within",
        "bands = [",
        "must be",
        S4M,
    ),
    "a day that some months do not have": Wrong(
        'day = "1st monday"', 'day = "5th monday"', "releases.day", 'day = "5th monday"', '"1st monday"'
    ),
    "nothing leads on from the beginning": Wrong(
        'NEW = ["IN_PROGRESS", "WAITING_FOR_CUSTOMER", "WAITING_FOR_DEVELOPMENT", "CLOSED"]\n',
        "",
        "statuses.transitions",
        "[statuses.transitions]",
        "in which every ticket begins",
    ),
    "an administrators' rule that names no clause": Wrong(
        'administrators_by_vendor_only = "OX-016"',
        "administrators_by_vendor_only = true",
        "accounts.administrators_by_vendor_only",
        "administrators_by_vendor_only = true",
        "must be",
        OXYGIS,
    ),
    "an accounts' rule of a clause that there is not": Wrong(
        'contacts_only = "OB-040"',
        'contacts_only = "OB-400"',
        "accounts.contacts_only",
        'contacts_only = "OB-400"',
        "OB-400",
        OPEN2BIZZ,
    ),
    "an accounts' rule misspelt": Wrong(
        'administrators_by_vendor_only = "OX-016"',
        'administrators_by_vendors_only = "OX-016"',
        "accounts.administrators_by_vendors_only",
        "administrators_by_vendors_only",
        "is not a key that is known",
        OXYGIS,
    ),
}
