"""Handles and e-mail in text, contacts of all kinds in links."""

from __future__ import annotations

import pytest

from pipelines.contacts import find_contacts, link_contacts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("scrivi a luna.bella@example.it", [("email", "luna.bella@example.it", "confirmed")]),
        ("luna [at] example [dot] com", [("email", "luna@example.com", "candidate")]),
        ("luna chiocciola example punto it", [("email", "luna@example.it", "candidate")]),
        ("Telegram: @Luna_Bella", [("telegram", "luna_bella", "confirmed")]),
        ("telegram luna_99", [("telegram", "luna_99", "candidate")]),
        ("IG: luna.bella / OF: lunabella", [("instagram", "luna.bella", "confirmed"),
                                            ("onlyfans", "lunabella", "confirmed")]),
        ("https://onlyfans.com/lunabella", [("onlyfans", "lunabella", "confirmed")]),
        ("instagram.com/luna.bella/", [("instagram", "luna.bella", "confirmed")]),
        ("t.me/luna_bella", [("telegram", "luna_bella", "confirmed")]),
        ("seguimi @lunabella", [("other_handle", "lunabella", "candidate")]),
        ("snapchat: luna_x", [("other_handle", "luna_x", "confirmed")]),
        ("sono su telegram e instagram", []),
        ("telegram solo per conferme", []),
        ("t.me/+393114455667", []),
        ("chiama 3114455667", []),
        ("luna arobase example point fr", [("email", "luna@example.fr", "candidate")]),
        ("luna AT example DOT com", [("email", "luna@example.com", "candidate")]),
        ("luna @ example . it", [("email", "luna@example.it", "candidate")]),
        ("ci vediamo at home, dot", []),
        ("Telegram 👉 lunabella", [("telegram", "lunabella", "confirmed")]),
        ("il mio telegram è @lunabella", [("telegram", "lunabella", "confirmed")]),
        ("telegram (luna_bella)", [("telegram", "luna_bella", "candidate")]),
        ("telegram - disponibile", []),
        ("insta/luna.bella", [("instagram", "luna.bella", "candidate")]),
        ("skype live:luna.bella", [("other_handle", "live:luna.bella", "candidate")]),
        ("discord luna#1234", [("other_handle", "luna#1234", "candidate")]),
        ("best of luna22", []),
    ],
)  # fmt: skip
def test_contacts_in_text(text: str, expected: list[tuple[str, str, str]]) -> None:
    found = find_contacts(text)
    assert [(contact.kind, contact.value, contact.tier) for contact in found] == expected
    for contact in found:
        assert contact.span is not None
        assert text[contact.span.start : contact.span.end] == contact.raw


@pytest.mark.parametrize(
    ("url", "kind", "value"),
    [
        ("tel:+393114455667", "phone", "+393114455667"),
        ("tel:311-445-5667", "phone", "+393114455667"),
        ("https://wa.me/393114455667?text=x", "phone", "+393114455667"),
        ("https://api.whatsapp.com/send/?phone=%2B393114455667", "phone", "+393114455667"),
        ("viber://chat?number=%2B393114455667", "phone", "+393114455667"),
        ("https://t.me/+393114455667", "phone", "+393114455667"),
        ("https://t.me/luna_bella", "telegram", "luna_bella"),
        ("https://www.instagram.com/luna.bella/?hl=it", "instagram", "luna.bella"),
        ("https://onlyfans.com/lunabella", "onlyfans", "lunabella"),
        ("mailto:Luna@example.it?subject=ciao", "email", "luna@example.it"),
        ("https://www.facebook.com/sharer/sharer.php?u=x", None, None),
        ("https://t.me/share/url?url=x", None, None),
        ("https://example.it/3114455667", None, None),
        ("", None, None),
    ],
)
def test_contacts_in_links(url: str, kind: str | None, value: str | None) -> None:
    found = link_contacts(url)
    assert (found and found.kind, found and found.value) == (kind, value)
    if found:
        assert (found.where, found.span) == ("link", None)
