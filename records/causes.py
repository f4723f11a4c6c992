"""Why a partition's walk proved nothing, in words that an admin acts on, Italian and English.

A cause travels as a code with its parameters (numbers, names of the site file), so that each screen
tells it in its reader's language. `CAUSES[code]` is (Italian, English).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from records.reasons import Language

Parameter = int | str


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause. `params` fill the sentence of its code; they never hold a page's own words."""

    code: str
    params: Mapping[str, Parameter] = field(default_factory=dict)

    def __str__(self) -> str:
        return cause_words(self, "en")


CAUSES: dict[str, tuple[str, str]] = {
    # Refused
    "robots": (
        "robots.txt non permette questa pagina",
        "robots.txt does not allow this page",
    ),
    "robots_unread": (
        "robots.txt non arriva, e senza non si legge nulla",
        "robots.txt did not come (at page {page}): without it nothing is read",
    ),
    "page_refused": (
        "la pagina {page} è stata rifiutata: il sito ci blocca, rallentare o chiedere al sito",
        "page {page} was refused: the site blocks us; slow down, or ask the site",
    ),
    "detail_refused": (
        "la pagina di un annuncio è stata rifiutata: il sito ci blocca",
        "a detail page was refused: the site blocks us",
    ),
    "refused_before": (
        "il sito ha rifiutato una pagina e la lettura si è fermata",
        "the site refused a page, so the crawl stopped",
    ),
    "refused_later": (
        "letta, ma poi il sito ha rifiutato una pagina",
        "the site refused a later page of this crawl",
    ),
    # Interrupted
    "timeout": (
        "non finita entro max_minutes: alzarlo, o dividere la partizione",
        "stopped at max_minutes; raise it, or split the partition",
    ),
    "shutdown": ("la lettura è stata fermata", "the crawl was told to stop"),
    "orphaned": (
        "il processo che aveva avviato la lettura è morto",
        "the process that started the crawl died",
    ),
    "memusage_exceeded": (
        "la lettura ha usato troppa memoria",
        "the crawl used too much memory",
    ),
    "disk_full": (
        "il disco (o la sua quota) è pieno: liberare spazio, la prossima lettura riprende tutto",
        "the disk (or its quota) is full: make room, the next crawl reads it all again",
    ),
    "died": (
        "il processo di lettura è morto senza dire com'è andata",
        "the crawl process died without a final record",
    ),
    "silent": ("la lettura non ha dato esito", "the crawl told no verdict"),
    "finish": ("finita per {finish}", "ended as {finish}"),
    # A page that is not what it should be
    "layout": (
        "il layout della lista è cambiato: 0 schede dove di solito sono {usual} (pagina {page})",
        "page {page}: the page's marker is there but no card was found where there are usually "
        "{usual}: the layout has changed",
    ),
    "layout_first": (
        "il selettore delle schede non trova nulla (pagina {page}): 0 schede",
        "page {page}: the page's marker is there but no card was found: check the card selector",
    ),
    "layout_later": (
        "nessuna scheda alla pagina {page}: il layout è cambiato; oppure la lista era finita, e "
        "allora dare come empty_marker ciò che ha una pagina vuota",
        "page {page}: the page's marker is there but no card was found: the layout has changed, or "
        "the list had ended: then name what an empty page has as empty_marker",
    ),
    "unmarked": (
        "la pagina {page} non è la lista e non dice di essere vuota: layout cambiato, o un avviso "
        "davanti",
        "page {page}: neither the list's marker nor its empty marker was found: another layout, or "
        "a notice in front",
    ),
    "page_gone": (
        "la pagina {page} della lista non esiste (404 o 410): controllarne l'indirizzo",
        "page {page}: the list page does not exist (404 or 410); check its address",
    ),
    "page_elsewhere": (
        "la pagina {page} della lista rimanda altrove",
        "page {page}: the list page sends elsewhere",
    ),
    "server_error": (
        "alla pagina {page} il server ha risposto {status}",
        "page {page}: the server answered {status}",
    ),
    "no_answer": (
        "la pagina {page} non è arrivata",
        "page {page}: no usable answer ({fault})",
    ),
    "too_slow": (
        "la pagina {page} non è arrivata in tempo",
        "page {page}: no answer in time",
    ),
    "cut_off": (
        "alla pagina {page} la connessione si è interrotta",
        "page {page}: the connection broke off",
    ),
    "redirects": (
        "la pagina {page} rimanda da un indirizzo all'altro senza fine",
        "page {page}: sends from one address to the next without end",
    ),
    "connection_refused": (
        "alla pagina {page} il server ha rifiutato la connessione",
        "page {page}: the connection was refused",
    ),
    "unknown_host": (
        "il nome del sito non esiste (pagina {page}): controllare l'indirizzo o la rete",
        "page {page}: the host name is unknown; check the address, or the network",
    ),
    "too_large": (
        "la pagina {page} è troppo grande (page_mb)",
        "page {page}: the page is too large (page_mb)",
    ),
    "not_own_host": (
        "la pagina {page} manda a un altro sito",
        "page {page}: sends to a host that the site file does not start at",
    ),
    # A walk that did not come to its end
    "no_page": ("nessuna pagina è stata letta", "no list page was read"),
    "max_pages": (
        "fermata a max_pages = {max_pages}: alzarlo, o dividere la partizione",
        "stopped at max_pages = {max_pages}; raise it, or split the partition",
    ),
    "loop": (
        "dopo la pagina {page} la lista ricomincia: controllare il selettore next, o dare total",
        "paging came back after page {page}; check the next selector, or name the list's total",
    ),
    "skip": (
        "dopo la pagina {page} la lista salta delle pagine",
        "paging skips pages after page {page}",
    ),
    "offsite": (
        "la pagina seguente è su un altro sito",
        "the next page is on another host",
    ),
    "newest": (
        "la lista mostra solo gli annunci più recenti",
        "the list shows only the newest adverts",
    ),
    "loads": (
        "fermata a max_loads: alla pagina {page} altri annunci stavano ancora arrivando",
        "stopped at max_loads: on page {page} more adverts were still coming; raise it",
    ),
    "unloaded": (
        "la pagina {page} non ha caricato tutti i suoi annunci",
        "page {page} could not load all of its adverts",
    ),
    "unfinished": ("fermata dopo la pagina {page}", "stopped after page {page}"),
    # Adverts lost on the way
    "not_stored": (
        "{lost} annunci su {of} non sono stati salvati: vedere il log del sito",
        "{lost} of {of} adverts were not stored: see the site's log",
    ),
    "faults": (
        "{faults} errori nella lettura: vedere il log del sito",
        "{faults} faults in the spider: see the site's log",
    ),
    "unusable_cards": (
        "{cards} schede senza id, indirizzo o titolo: il layout è cambiato",
        "{cards} cards have no id, address or title: has the layout changed?",
    ),
    "unread_details": (
        "{unread} pagine di annunci su {of} non si leggono",
        "{unread} of {of} detail pages could not be read",
    ),
    # Less than the site usually shows
    "empty": (
        "nessun annuncio dove di solito sono {usual}",
        "no advert where there are usually {usual}",
    ),
    "below_min": (
        "{cards} annunci, meno di min_cards = {min_cards}",
        "{cards} adverts, fewer than min_cards = {min_cards}",
    ),
    "fallen": (
        "{cards} annunci dove di solito sono {usual}",
        "{cards} adverts where there are usually {usual}",
    ),
    "below_total": (
        "{cards} annunci sui {total} che il sito dice di avere",
        "{cards} adverts of the {total} the site has",
    ),
    "fill_below": (
        "il campo {field} si trova nel {found}% degli annunci, atteso {expected}%: controllarne il "
        "selettore",
        "field {field} found in {found}% of adverts, expected {expected}%; check its selector",
    ),
    "fill_fallen": (
        "il campo {field} si trova nel {found}% degli annunci, di solito nel {usual}%: il layout è "
        "cambiato",
        "field {field} found in {found}% of adverts, usually in {usual}%: the layout has changed",
    ),
    "details_fallen": (
        "il campo {field} si trova in {found} delle ultime {of} pagine di annunci, di solito nel "
        "{usual}%: il layout di quelle pagine è cambiato, correggere [detail]; i nuovi aspettano",
        "field {field} found on {found} of the last {of} detail pages, usually on {usual}%: their "
        "layout has changed; mend [detail]: new adverts wait for it",
    ),
    # The gate
    "new_ids": (
        "{new} annunci su {seen} sono nuovi: il sito ha forse cambiato gli id",
        "{new} of {seen} adverts are new: the site has probably changed its ids",
    ),
}

HELD = (
    "segnalazioni trattenute: decidere con `faro status --release {site}` o `--discard {site}`",
    "flags held: decide with `faro status --release {site}` or `--discard {site}`",
)
SAMPLE = (
    "ultima pagina salvata: `faro site sample {site} {partition}`",
    "last page saved: `faro site sample {site} {partition}`",
)


def cause_words(cause: Cause, language: Language) -> str:
    """The cause in one clause; a code of a later version is told as it is."""
    if cause.code not in CAUSES:
        return cause.code
    return CAUSES[cause.code][0 if language == "it" else 1].format_map(dict(cause.params))
