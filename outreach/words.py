"""Every word of the report's page, in Italian and English.

`WORDS[key]` is (Italian, English). Keys that end in `.one` and `.many` are chosen by a count, which
is their `{n}`. A test proves that every key is used, complete, and asks for the same values in both
languages.
"""

from __future__ import annotations

from records.reasons import Language

WORDS: dict[str, tuple[str, str]] = {
    # The page
    "title": ("Faro · {day}", "Faro · {day}"),
    "for_unit": ("Rapporto per", "Report for"),
    "draft": ("Bozza: questo rapporto non è pubblicato.", "Draft: this report is not published."),
    "covers": ("Novità {since}.", "News {since}."),
    "covers_first": ("Primo rapporto.", "First report."),
    "moment": ("{day} alle {clock}", "{day} at {clock}"),
    "footer": ("{unit} · {moment}", "{unit} · {moment}"),
    "page": ("pagina ", "page "),
    "page_of": (" di ", " of "),
    "confidential": (
        "Riservato all'unità. I numeri sono coperti; a fine turno la carta si distrugge.",
        "For the unit only. Numbers are masked; destroy the paper at the end of the shift.",
    ),
    "generated": ("Preparato {moment}.", "Prepared {moment}."),
    # 1 Data health
    "health": ("Stato dei dati", "Data health"),
    "health_good": ("In ordine", "In order"),
    "health_bad": ("Attenzione", "Attention"),
    "health_all_good": (
        "Tutti i controlli sono completi.",
        "All checks are complete.",
    ),
    "health_none": (
        "Nessun sito è stato ancora controllato: questo rapporto non può dire nulla.",
        "No site has been checked yet: this report cannot say anything.",
    ),
    # 2 Counts
    "counts": ("In breve", "In brief"),
    "counts_compared": (
        "a confronto con il rapporto precedente",
        "compared with the report before",
    ),
    "count.follow_ups.one": ("promessa", "promise"),
    "count.follow_ups.many": ("promesse", "promises"),
    "count.reappeared.one": ("riapparsa", "reappeared"),
    "count.reappeared.many": ("riapparse", "reappeared"),
    "count.new.one": ("nuova", "new"),
    "count.new.many": ("nuove", "new"),
    "count.new_number.one": ("numero nuovo", "new number"),
    "count.new_number.many": ("numeri nuovi", "new numbers"),
    "count.moved.one": ("in una zona nuova", "in a new area"),
    "count.moved.many": ("in una zona nuova", "in a new area"),
    "count.withdrawn.one": ("ritirata", "withdrawn"),
    "count.withdrawn.many": ("ritirate", "withdrawn"),
    "count.baseline.one": ("già presente all'inizio", "already there at the start"),
    "count.baseline.many": ("già presenti all'inizio", "already there at the start"),
    "change.more": ("{n} in più", "{n} more"),
    "change.fewer": ("{n} in meno", "{n} fewer"),
    "change.same": ("come prima", "as before"),
    # 3 Follow-ups
    "follow_ups": ("Prima le promesse", "Promises first"),
    "follow_ups_lead": (
        "Persone a cui abbiamo detto che avremmo richiamato, per oggi o prima.",
        "People we said we would call back, by today or before.",
    ),
    "follow_ups_none": (
        "Nessuna richiamata promessa per oggi.",
        "No promised call is due today.",
    ),
    "due_today": ("promessa per oggi", "promised for today"),
    "due_on": ("promessa per il {day}", "promised for {day}"),
    "late.one": ("in ritardo di un giorno", "one day late"),
    "late.many": ("in ritardo di {n} giorni", "{n} days late"),
    # 4 The list
    "list": ("Da chiamare oggi", "To call today"),
    "list_lead.one": ("Una riga, la più urgente prima.", "One row, the most urgent first."),
    "list_lead.many": ("{n} righe, le più urgenti prima.", "{n} rows, the most urgent first."),
    "list_none": (
        "Nessuna segnalazione nuova da chiamare.",
        "No new flag to call.",
    ),
    "list_none_first": (
        "Primo rapporto: chi era già presente all'inizio non è una novità. Le prime segnalazioni "
        "arrivano dal prossimo controllo.",
        "First report: those already there at the start are no news. The first flags come with the "
        "next check.",
    ),
    "list_none_blocked": (
        "Con dei controlli mancanti, un elenco vuoto non vuol dire che non ci sia nessuna.",
        "With checks missing, an empty list does not mean that there is nobody.",
    ),
    "carried": ("Ancora da chiamare dai giorni scorsi", "Still to call from earlier days"),
    "carried_since": ("in attesa dal {day}", "waiting since {day}"),
    "col.number": ("N.", "No."),
    "col.who": ("Chi", "Who"),
    "col.why": ("Perché", "Why"),
    "col.seen": ("Vista", "Last seen"),
    "col.place": ("Dove", "Where"),
    "col.language": ("Lingua proposta", "Proposed language"),
    "card.language": ("Lingua", "Language"),
    "col.before": ("Finora", "So far"),
    "kind.reappeared": ("riapparsa", "reappeared"),
    "kind.new": ("nuova", "new"),
    "kind.new_number": ("numero nuovo", "new number"),
    "kind.moved": ("zona nuova", "new area"),
    "kind.follow_up": ("richiamata", "call back"),
    "doubtful": ("legame dubbio", "doubtful link"),
    "unproven": ("assenza non provata", "absence not proven"),
    "place_unknown": ("luogo non detto", "place not given"),
    "language_advert": ("dal testo dell'annuncio", "from the advert's text"),
    "language_attempt": ("parlata nell'ultima chiamata", "spoken in the last call"),
    "language_unknown": ("non si sa", "not known"),
    "no_attempts": ("mai chiamata", "never called"),
    "attempts.one": ("un tentativo, {day}", "one attempt, {day}"),
    "attempts.many": ("{n} tentativi, l'ultimo {day}", "{n} attempts, the last {day}"),
    "safe_hours": ("orari sicuri: {hours}", "safe hours: {hours}"),
    "caution": ("Cautela", "Caution"),
    "number_hidden": ("numero che finisce per {end}", "number ending in {end}"),
    "waiting.one": ("Un'altra in attesa", "One more is waiting"),
    "waiting.many": ("Altre {n} in attesa", "{n} more are waiting"),
    "why.beyond_size": ("dopo le righe di oggi", "after today's rows"),
    "why.not_visible": ("annuncio non più visibile", "advert no longer visible"),
    "why.not_checked": (
        "annuncio che non si è potuto ricontrollare",
        "advert that could not be checked again",
    ),
    "why.no_number": ("annuncio senza numero", "advert without a number"),
    "why.number_unconfirmed": (
        "numero che una persona deve confermare",
        "number that a person must confirm",
    ),
    "why.not_open": ("già in mano a qualcuno, o chiusa", "already with somebody, or closed"),
    "why.resting": (
        "chiamata da poco, o già tre volte in un mese",
        "called a short while ago, or three times in a month already",
    ),
    "why.no_consent": (
        "non vuole essere richiamata",
        "does not want to be called again",
    ),
    "why.needs_coordinator": (
        "dopo insulti o minacce decide la coordinatrice",
        "after insults or threats the coordinator decides",
    ),
    "baseline": ("Già presenti all'inizio", "Already there at the start"),
    "baseline_lead": (
        "Annunci che c'erano già quando abbiamo cominciato a guardare: non sono novità.",
        "Adverts that were there when we began to look: they are no news.",
    ),
    "seen_at": ("vista {when}", "seen {when}"),
    "baseline_more": ("Le prime {n}, viste più di recente.", "The first {n}, seen most recently."),
    # 5 Doubles
    "doubtful_section": ("Possibili doppioni da decidere", "Possible doubles to decide"),
    "doubtful_lead": (
        "Forse la stessa persona. Finché nessuno decide, restano separate. Chi decide: stessa o "
        "diversa persona; se non si sa, si lascia com'è.",
        "Maybe the same person. Until somebody decides they stay apart. To decide: the same or "
        "different people; if nobody can tell, leave it.",
    ),
    "double_waits": (
        "la prima segnalazione aspetta la decisione fino al {day}",
        "the first flag waits for the decision until {day}",
    ),
    "double_raised": (
        "segnalata come «{kind}» {raised}, con il dubbio",
        "flagged as “{kind}” {raised}, with the doubt",
    ),
    "double_supposed": (
        "presa per la stessa: nessuna segnalazione",
        "taken for the same: nothing was flagged",
    ),
    "double_elsewhere": (
        "la seconda non è di questa unità: ne decide il coordinamento",
        "the second is not this unit's: the coordinators decide",
    ),
    "doubtful_none": ("Nessun doppione da decidere.", "No double to decide."),
    "probability": ("probabilità {n} su 100", "probability {n} in 100"),
    # 6 Handover
    "handover": ("Dal turno precedente", "From the last shift"),
    "handover_none": (
        "Nessun tentativo segnato dall'ultimo rapporto.",
        "No attempt noted since the last report.",
    ),
    # 7 Withdrawn
    "withdrawn": ("Segnalazioni ritirate", "Flags withdrawn"),
    "withdrawn_lead": (
        "Si sono dimostrate sbagliate. Se qualcuno ha già chiamato, ora lo sa.",
        "They proved wrong. Whoever has called already knows it now.",
    ),
    "withdrawn_none": ("Nessuna segnalazione ritirata.", "No flag withdrawn."),
    "withdrawn_row": (
        "segnalata come «{kind}» {raised}, ritirata {withdrawn}",
        "flagged as “{kind}” {raised}, withdrawn {withdrawn}",
    ),
    # 8 Paper
    "paper": ("Da spuntare a mano", "To tick by hand"),
    "paper_screen": (
        "Stampando, qui esce un foglio con una riga da spuntare per ogni chiamata.",
        "When printed, a sheet with a row to tick for each call comes out here.",
    ),
    "paper_none": ("Nessuna riga da spuntare oggi.", "No row to tick today."),
    "tick.listened": ("ha ascoltato", "listened"),
    "tick.no_answer": ("non risponde", "no answer"),
    "tick.third_person": ("risponde altri", "someone else"),
    "tick.hung_up": ("riaggancia", "hung up"),
    "tick.do_not_contact": ("non contattare", "do not contact"),
    "tick.again": ("richiamare il", "call back on"),
    "tick.note": ("nota", "note"),
    # Outcomes of an attempt (guide/outreach.md)
    "outcome.listened": ("ha ascoltato", "listened"),
    "outcome.brief": ("chiamata breve", "brief call"),
    "outcome.third_person": ("ha risposto un'altra persona", "a third person answered"),
    "outcome.hung_up": ("ha riagganciato", "hung up"),
    "outcome.threats": ("insulti o minacce", "insults or threats"),
    "outcome.no_answer": ("non ha risposto", "no answer"),
    "outcome.not_in_service": ("numero non attivo", "number not in service"),
    "outcome.wrong_number": ("numero sbagliato", "wrong number"),
    "outcome.language_barrier": ("lingua non comune", "language barrier"),
    "outcome.health_information": ("informazioni sanitarie", "health information"),
    "outcome.legal_information": ("informazioni legali", "legal information"),
    "outcome.appointment": ("appuntamento", "appointment"),
    "outcome.accompaniment": ("accompagnamento", "accompaniment"),
    "outcome.assessment": ("valutazione", "assessment"),
    "outcome.in_charge": ("presa in carico", "taken in charge"),
    "outcome.numero_verde": ("dato il Numero Verde", "Numero Verde given"),
    "outcome.basic_needs": ("cibo o bisogni essenziali", "food or basic needs"),
    "outcome.emergency": ("emergenza", "emergency"),
    "outcome.other": ("altro esito", "another outcome"),
}

# ISO 639-1 codes that adverts of Italian sites are written in.
LANGUAGES: dict[str, tuple[str, str]] = {
    "ar": ("arabo", "Arabic"),
    "bg": ("bulgaro", "Bulgarian"),
    "cs": ("ceco", "Czech"),
    "de": ("tedesco", "German"),
    "el": ("greco", "Greek"),
    "en": ("inglese", "English"),
    "es": ("spagnolo", "Spanish"),
    "fr": ("francese", "French"),
    "hr": ("croato", "Croatian"),
    "hu": ("ungherese", "Hungarian"),
    "it": ("italiano", "Italian"),
    "ja": ("giapponese", "Japanese"),
    "ko": ("coreano", "Korean"),
    "nl": ("olandese", "Dutch"),
    "pl": ("polacco", "Polish"),
    "pt": ("portoghese", "Portuguese"),
    "ro": ("romeno", "Romanian"),
    "ru": ("russo", "Russian"),
    "sl": ("sloveno", "Slovene"),
    "sq": ("albanese", "Albanian"),
    "sr": ("serbo", "Serbian"),
    "th": ("thailandese", "Thai"),
    "tr": ("turco", "Turkish"),
    "uk": ("ucraino", "Ukrainian"),
    "vi": ("vietnamita", "Vietnamese"),
    "zh": ("cinese", "Chinese"),
}


def word(key: str, language: Language, **values: object) -> str:
    """The phrase of `key`, filled with `values`. Raises KeyError for a key that is not there."""
    return WORDS[key][0 if language == "it" else 1].format(**values)


def counted(key: str, count: int, language: Language, **values: object) -> str:
    """The phrase of `key` for one thing or for `count` things."""
    return word(f"{key}.{'one' if count == 1 else 'many'}", language, n=count, **values)


def language_name(code: str, language: Language) -> str:
    """`es` → `spagnolo`; a code without a name is given as it is."""
    names = LANGUAGES.get(code)
    return names[0 if language == "it" else 1] if names else code
