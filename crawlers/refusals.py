"""Signs of a refusal in a page that answers 200: challenge pages' signatures and words of refusal.

A vendor's response header or an embedded widget (a reCAPTCHA in a contact form, an analytics
script) proves nothing, so a signature is what only the challenge page itself holds; and the page
verdict asks for signs only where the site file's marker is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Each line: the vendor, and strings that must all be in the page (lower case).
CHALLENGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Cloudflare", ("_cf_chl_opt",)),
    ("Cloudflare", ("<title>just a moment...</title>",)),
    ("Cloudflare", ("<title>attention required! | cloudflare</title>",)),
    ("DataDome", ("captcha-delivery.com", "var dd=")),
    ("DataDome", ("geo.captcha-delivery.com/captcha",)),
    ("HUMAN", ('id="px-captcha"',)),
    ("Imperva", ("_incapsula_resource", "incident")),
    ("Akamai", ("<title>access denied</title>", "reference")),
    ("AWS WAF", ("awswafcookiedomainlist", "challenge")),
    ("AWS WAF", ("window.gokuprops",)),
    ("Sucuri", ("sucuri_cloudproxy_js",)),
    ("DDoS-Guard", ("<title>ddos-guard</title>",)),
    ("Anubis", ('id="anubis_challenge"',)),
    ("Kasada", ("ips.js", "kpsdk")),
)

BLOCK_WORDS = (
    *("access denied", "access to this page has been denied", "request blocked", "forbidden"),
    *("you have been blocked", "your ip", "unusual traffic", "too many requests", "rate limit"),
    *("are you a robot", "are you human", "verify you are", "not a robot", "captcha"),
    *("enable javascript and cookies", "checking your browser"),
    *("accesso negato", "accesso non consentito", "accesso bloccato", "sei stato bloccato"),
    *("traffico anomalo", "traffico insolito", "troppe richieste", "non sei un robot"),
    "di non essere un robot",
    *("non sono un robot", "verifica di essere", "verifica di sicurezza", "il tuo indirizzo ip"),
)

_SPACES = re.compile(r"\s+")


def challenge_vendor(html: str) -> str | None:
    """The vendor whose challenge page this is, or None."""
    lowered = html.lower()
    for vendor, signs in CHALLENGES:
        if all(sign in lowered for sign in signs):
            return vendor
    return None


def has_block_words(visible: str, more: Iterable[str] = ()) -> bool:
    """Whether the visible text holds words of refusal; `more` are a site file's own phrases."""
    lowered = _SPACES.sub(" ", visible.lower())
    return any(phrase.lower() in lowered for phrase in (*BLOCK_WORDS, *more))
