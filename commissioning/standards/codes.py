"""The closed lists that the checks know, written from the standards' documents, and the shapes of identifiers.

OCDS 1.1 (standard.open-contracting.org/1.1/en/schema/codelists), with what the United Kingdom extension adds; 360Giving
1.4 (standard.threesixtygiving.org, codelists); ISO 4217; org-id.guide; the GSS code register of the Office for National
Statistics. Lists that are open in their standard (document types, say) are not here: any text may stand there.
"""

from __future__ import annotations

import re

# ── Ours ────────────────────────────────────────────────────────────────────
STATES = (
    *("sent", "received", "accepted", "changed", "declined", "routed", "checked", "awarded", "delivering", "closed"),
    "learned",
)
ACCEPTED = frozenset(STATES) - {"sent", "received", "declined"}
ROUTES = ("grant", "contract", "in-house", "asset-transfer", "contract-change")
LEGAL_BASES = ("advisory", "delegated")
STAGES = ("agreed", "actual")
VERIFIERS = ("resident", "officer")

# ── OCDS ────────────────────────────────────────────────────────────────────
AWARD_STATUSES = ("pending", "active", "cancelled", "unsuccessful")
CONTRACT_STATUSES = ("pending", "active", "cancelled", "terminated")
MILESTONE_STATUSES = ("scheduled", "met", "notMet", "partiallyMet")
MILESTONE_TYPES = (
    *("preProcurement", "approval", "engagement", "assessment", "delivery", "reporting", "financing", "payment"),
    "futureSignatureDate",  # United Kingdom extension
)
PARTY_ROLES = (
    *("buyer", "procuringEntity", "supplier", "tenderer", "funder", "enquirer", "payer", "payee", "reviewBody"),
    "interestedParty",
)
RELEASE_TAGS = (
    *("planning", "planningUpdate", "tender", "tenderAmendment", "tenderUpdate", "tenderCancellation", "award"),
    *("awardUpdate", "awardCancellation", "contract", "contractUpdate", "contractAmendment", "implementation"),
    *("implementationUpdate", "contractTermination", "compiled"),
)
METHODS = ("open", "selective", "limited", "direct")
CATEGORIES = ("goods", "works", "services")
SCALES = ("sme", "large")

# ── 360Giving ───────────────────────────────────────────────────────────────
LOCATION_SCOPES = ("GLS010", "GLS020", "GLS030", "GLS040", "GLS050", "GLS060", "GLS099")
REGRANT_TYPES = tuple(f"FRG0{n}0" for n in range(1, 8))
GEO_CODE_TYPES = (
    *("OA", "LSOA", "MSOA", "PAR", "WD", "UA", "NMD", "MD", "LONB", "CTY", "RGN/GOR", "WPC", "EER", "CANNET", "CSP"),
    *("PFA", "PUA", "NPARK", "REGD", "REGSD", "TTWA", "FRA", "LAC", "WZ", "CMWD", "LEP", "CCG", "NHSAT", "CMLAD"),
    *("CMCTY", "SA", "DZ", "IG", "CHP", "HB", "CA", "SPC", "USOA", "COM", "NAWC", "CDRP"),
)

# ── ISO 4217: in use, and divided into a hundred ────────────────────────────
CURRENCIES = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC "
    "CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES "
    "KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN "
    "PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD "
    "TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW".split()
)

# ── Identifiers ─────────────────────────────────────────────────────────────
COMPANY_NUMBER = re.compile(r"(?:\d{8}|[A-Z]{2}\d{6}|[A-Z]{2}\d{5}[A-Z])")
CHARITY_NUMBERS = {
    "GB-CHC": re.compile(r"\d{6,7}(?:-\d{1,3})?"),  # England and Wales, a subsidiary after the hyphen
    "GB-SC": re.compile(r"SC\d{6}"),
    "GB-NIC": re.compile(r"(?:NIC)?1\d{5}"),
}
GSS_CODE = re.compile(r"[EWSNKJ]\d{8}")
ADDRESS = re.compile(r"https?://[^\s/]+\S*")
GRANT_ID = re.compile(r"360G-\S+")
OCID = re.compile(r"ocds-[A-Za-z0-9]{6}-\S+")


def charity_number(text: str) -> bool:
    """Whether it has the shape of any charity register of the United Kingdom."""
    return any(shape.fullmatch(text) for shape in CHARITY_NUMBERS.values())
