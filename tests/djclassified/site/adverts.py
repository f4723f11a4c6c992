"""Deterministic synthetic Italian-looking adverts. No real person, place of business or number.

Phone numbers come only from ranges that reach nobody: +39 399 000 0xxx (prefix 399 is unassigned),
+44 7700 900xxx (Ofcom drama range) and +1 202 555 01xx (NANP fictional range).
"""

import datetime as dt
import random

AREAS = [
    "Torino",
    "Milano",
    "Bologna",
    "Firenze",
    "Roma",
    "Napoli",
    "Bari",
    "Palermo",
    "Genova",
    "Verona",
    "Padova",
    "Lecce",
]
CATALOGUE = {
    "Veicoli": {
        "Auto": [
            "Fiat Panda",
            "Lancia Ypsilon",
            "Alfa Romeo Giulietta",
            "Volkswagen Golf",
            "Ford Fiesta",
        ],
        "Moto": ["Vespa 125", "Honda SH 150", "Yamaha XMax", "Piaggio Liberty"],
        "Biciclette": ["Bici da corsa", "Mountain bike", "Bici pieghevole", "E-bike da città"],
    },
    "Casa": {
        "Arredamento": [
            "Divano letto",
            "Tavolo in noce",
            "Armadio quattro ante",
            "Libreria",
            "Cassettiera",
        ],
        "Elettrodomestici": [
            "Lavatrice",
            "Frigorifero combinato",
            "Forno a microonde",
            "Aspirapolvere",
        ],
        "Affitti": ["Bilocale arredato", "Camera singola", "Monolocale", "Trilocale con balcone"],
    },
    "Elettronica": {
        "Telefoni": ["Smartphone 128 GB", "Telefono per anziani", "Tablet 10 pollici"],
        "Informatica": ["Portatile 15 pollici", "Monitor 27 pollici", "Stampante laser"],
        "Audio": ["Amplificatore", "Casse da pavimento", "Giradischi"],
    },
    "Tempo libero": {
        "Strumenti musicali": ["Chitarra classica", "Pianoforte digitale", "Fisarmonica"],
        "Libri": ["Enciclopedia", "Fumetti collezione", "Testi universitari"],
        "Sport": ["Tapis roulant", "Sci con attacchi", "Tenda da campeggio"],
    },
}
PRICE = {
    "Auto": (900, 18000),
    "Moto": (400, 6000),
    "Biciclette": (40, 2500),
    "Affitti": (250, 1400),
}
ADJ = [
    "come nuovo",
    "ottime condizioni",
    "usato poco",
    "da rivedere",
    "perfetto",
    "affare",
    "causa trasloco",
    "vero gioiello",
    "con garanzia",
    "mai usato",
]
OPEN = ["Vendo", "Cedo", "Si vende", "Privato vende", "Causa trasferimento vendo", "Svendo"]
SENT = [
    "Il prezzo è leggermente trattabile per chi ritira subito.",
    "Si trova in zona centrale, comodo ai mezzi pubblici.",
    "Visibile la sera dopo le 18 oppure il sabato mattina.",
    "No perditempo, no scambi, grazie.",
    "Acquistato nel {y}, sempre tenuto al coperto.",
    "Completo di accessori, scatola e manuale d'uso.",
    "Qualche segno d'uso che non compromette il funzionamento.",
    "Ritiro a mano, l'eventuale spedizione è a carico dell'acquirente.",
    "Revisione appena fatta, tutto perfettamente funzionante.",
    "Misure {a} x {b} cm, peso circa {c} kg.",
    "Disponibile da subito, spese incluse, riscaldamento autonomo.",
    "Rispondo volentieri a tutte le domande.",
    "Per ulteriori foto scrivetemi pure, è ancora disponibile se leggete l'annuncio.",
    "Vero affare: il nuovo costa più del doppio.",
]
CONTACT = [
    "Chiamare il {p}.",
    "Tel. {p}",
    "Cell: {p} (anche WhatsApp)",
    "Per info {p} ore pasti.",
    "Contattatemi al numero {p}",
    "whatsapp {p}",
]
NAMES = [
    "Aldo",
    "Bice",
    "Carlo",
    "Dina",
    "Elio",
    "Fosca",
    "Gino",
    "Ilde",
    "Lino",
    "Mara",
    "Nello",
    "Olga",
    "Pino",
    "Rita",
    "Sandro",
    "Tina",
]
DIGITS = dict(
    zip("0123456789", "zero uno due tre quattro cinque sei sette otto nove".split(), strict=False)
)


def show(e164, rng):
    """The number as an advertiser would type it; half of the styles are meant to be awkward."""
    if e164.startswith("+39"):
        n = e164[3:]
        return rng.choice(
            [
                n,
                f"{n[:3]} {n[3:6]} {n[6:]}",
                f"{n[:3]}/{n[3:]}",
                f"{n[:3]}-{n[3:6]}-{n[6:]}",
                f"{n[:3]}.{n[3:5]}.{n[5:7]}.{n[7:]}",
                f"+39 {n[:3]} {n[3:]}",
                f"0039{n}",
                " ".join(n),
                f"{n[:3]} " + n[3:].replace("0", "O", 2),
                " ".join(DIGITS[c] for c in n),
            ]
        )
    return rng.choice([e164, e164.replace("+", "00"), f"{e164[:3]} {e164[3:]}"])


def adverts(n, seed=20261123):
    rng = random.Random(seed)
    pool = [
        f"+39399000{i:04d}" for i in rng.sample(range(1000), max(3, n // 6) if n < 5900 else 999)
    ]
    pool += [f"+447700900{i:03d}" for i in rng.sample(range(1000), 8)] + [
        f"+1202555010{i}" for i in range(4)
    ]
    users = [f"{rng.choice(NAMES).lower()}{i:03d}" for i in range(max(5, n // 8))]
    start, out = dt.datetime(2026, 9, 1, 8, tzinfo=dt.UTC), []
    for i in range(n):
        when = start + dt.timedelta(seconds=int(i * 80 * 86400 / n) + rng.randrange(600))
        if i > 50 and rng.random() < 0.10:  # a repost, lightly reworded
            src = out[rng.randrange(max(0, i - 800), i)]
            a = dict(
                src,
                id=i,
                dup_of=src["dup_of"] if src["dup_of"] is not None else src["id"],
                posted=when,
                user=rng.choice(users),
            )
            a["price"] = max(1, round(src["price"] * rng.choice([1, 1, 0.95, 0.9])))
            a["title"] = (
                src["title"]
                if rng.random() < 0.5
                else src["title"].split(" - ")[0] + " - " + rng.choice(ADJ)
            )
            a["text"] = (
                src["text"]
                if rng.random() < 0.4
                else src["text"]
                + "\n\n"
                + rng.choice(["Prezzo ribassato!", "Ancora disponibile.", "Ultimo avviso."])
            )
            out.append(a)
            continue
        section = rng.choice(sorted(CATALOGUE))
        group = rng.choice(sorted(CATALOGUE[section]))
        thing, area = rng.choice(CATALOGUE[section][group]), rng.choice(AREAS)
        price = rng.randint(*PRICE.get(group, (5, 900)))
        body = [f"{rng.choice(OPEN)} {thing.lower()}, {rng.choice(ADJ)}. Zona {area}."]
        for s in rng.sample(SENT, rng.randint(2, 6)):
            body.append(
                s.format(
                    y=rng.randint(2009, 2025),
                    a=rng.randint(20, 240),
                    b=rng.randint(20, 180),
                    c=rng.randint(1, 80),
                )
            )
        phones = [] if rng.random() < 0.15 else rng.sample(pool, 2 if rng.random() < 0.05 else 1)
        for p in phones:
            body.append(rng.choice(CONTACT).format(p=show(p, rng)))
        cut = rng.randint(1, len(body) - 1)
        out.append(
            {
                "id": i,
                "title": f"{thing} - {rng.choice(ADJ)}",
                "section": section,
                "group": group,
                "area": area,
                "price": price,
                "user": rng.choice(users),
                "text": " ".join(body[:cut]) + "\n\n" + " ".join(body[cut:]),
                "phones": phones,
                "posted": when,
                "dup_of": None,
            }
        )
    return out


def truth(ads, **extra):
    """Ground truth as plain JSON data."""
    rows = [dict(a, posted=a["posted"].isoformat()) for a in ads]
    ph = sorted({p for a in ads for p in a["phones"]})
    return dict(
        adverts=len(ads),
        with_phone=sum(bool(a["phones"]) for a in ads),
        distinct_phones=len(ph),
        reposts=sum(a["dup_of"] is not None for a in ads),
        phones=ph,
        **extra,
        rows=rows,
    )


if __name__ == "__main__":
    import sys

    t = truth(adverts(int(sys.argv[1]) if len(sys.argv) > 1 else 2000))
    print({k: v for k, v in t.items() if k not in ("rows", "phones")}, t["rows"][7])
