"""Fill the site with synthetic adverts and write truth.json; `seed.py --step N` changes some."""

import argparse
import json
import os
import random

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")
django.setup()

from adverts import adverts, truth  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.sites.models import Site  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils.text import slugify  # noqa: E402
from django_classified.models import Area, Group, Item, Profile, Section  # noqa: E402

TRUTH = settings.DATA / "truth.json"


@transaction.atomic
def fill(count):
    Site.objects.update_or_create(
        pk=1, defaults={"domain": "127.0.0.1", "name": "Annunci di prova"}
    )
    ads = adverts(count)
    areas = {
        title: Area.objects.create(title=title, slug=slugify(title))
        for title in sorted({ad["area"] for ad in ads})
    }
    pairs = sorted({(ad["section"], ad["group"]) for ad in ads})
    sections = {
        title: Section.objects.create(title=title) for title in sorted({s for s, _ in pairs})
    }
    groups = {
        (section, title): Group.objects.create(title=title, section=sections[section])
        for section, title in pairs
    }
    users = {}
    for name in sorted({ad["user"] for ad in ads}):
        users[name] = User.objects.create(username=name)
        Profile.objects.create(user=users[name])
    for ad in ads:
        slug = slugify(ad["title"])[:100]
        item = Item(
            pk=ad["id"] + 1,
            slug=slug,
            user=users[ad["user"]],
            group=groups[ad["section"], ad["group"]],
            area=areas[ad["area"]],
            title=ad["title"],
            description=ad["text"],
            price=ad["price"],
        )
        Item.objects.bulk_create([item])
        Item.objects.filter(pk=item.pk).update(posted=ad["posted"], updated=ad["posted"])
        ad["path"], ad["active"] = f"/{item.pk}-{slug}/", True
    return truth(ads)


@transaction.atomic
def change(step):
    """Reprice 40, remove 25, reword 15; what was done is logged under `steps`."""
    rng, known = random.Random(step), json.loads(TRUTH.read_text())
    pick = rng.sample([row for row in known["rows"] if row["active"]], 80)
    log = {"step": step, "repriced": [], "removed": [], "retexted": []}
    for row in pick[:40]:
        row["price"] = max(1, int(row["price"] * 0.9) - 1)
        Item.objects.filter(pk=row["id"] + 1).update(price=row["price"])
        log["repriced"].append(row["path"])
    for row in pick[40:65]:
        row["active"] = False
        Item.objects.filter(pk=row["id"] + 1).delete()
        log["removed"].append(row["path"])
    for row in pick[65:]:
        row["text"] += "\n\nAggiornamento: ancora disponibile."
        Item.objects.filter(pk=row["id"] + 1).update(description=row["text"])
        log["retexted"].append(row["path"])
    known.setdefault("steps", []).append(log)
    return known


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--step", type=int, default=0)
    asked = parser.parse_args()
    if asked.step:
        known = change(asked.step)
    else:
        settings.DATA.mkdir(parents=True, exist_ok=True)
        call_command("migrate", verbosity=0)
        known = fill(asked.count)
    TRUTH.write_text(json.dumps(known, ensure_ascii=False))


if __name__ == "__main__":
    main()
