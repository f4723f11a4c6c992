"""Encryption of values, bound to their place, and blind indexes.

Envelope: version (1 byte), key id (4), nonce (12), AES-256-GCM ciphertext with tag (16). The
associated data is table, column and row id: an envelope moved to another row does not open.
Random nonces are safe up to 2^32 values a key (NIST SP 800-38D, 8.3).
"""

from __future__ import annotations

import hmac
import json
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.errors import StorageError
from storage.keys import DataKey, KeyRing

_VERSION = b"\x01"
_NONCE = 12
_HEAD = 1 + 4 + _NONCE
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Sealer:
    """Seals and opens values with the keys of a ring. Threads may share it."""

    def __init__(self, keys: KeyRing) -> None:
        self.keys = keys
        self._ciphers: dict[bytes, AESGCM] = {}
        self._index = keys.purpose("index").secret
        self._content = keys.purpose("content").secret
        self._dnc = keys.purpose("dnc").secret

    def seal(self, key: DataKey, place: str, row: int, value: str) -> bytes:
        """Encrypt `value` for column `place` ("table.column") of row `row`."""
        cipher = self._ciphers.get(key.id)
        if cipher is None:
            cipher = self._ciphers[key.id] = AESGCM(key.secret)
        nonce = os.urandom(_NONCE)
        sealed = cipher.encrypt(nonce, _bytes(value), b"%s:%d" % (place.encode(), row))
        return _VERSION + key.id + nonce + sealed

    def open(self, place: str, row: int, envelope: bytes) -> str:
        """Decrypt; raises StorageError when the value was changed or moved, or its key is gone."""
        if envelope[:1] != _VERSION:
            raise StorageError(f"{place} of row {row}: written by a newer Faro; update Faro")
        key_id = envelope[1:5]
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            cipher = self._ciphers[key_id] = AESGCM(self.keys.by_id(key_id).secret)
        bound = b"%s:%d" % (place.encode(), row)
        try:
            return cipher.decrypt(envelope[5:_HEAD], envelope[_HEAD:], bound).decode(
                errors="surrogatepass"
            )
        except InvalidTag:
            raise StorageError(
                f"{place} of row {row}: changed or moved since it was written; restore a backup"
            ) from None

    def seal_for(self, purpose: str, place: str, row: int, value: str) -> bytes:
        """`seal` with a purpose's key."""
        return self.seal(self.keys.purpose(purpose), place, row, value)

    def ad_key(self, site: str, ad_id: str) -> bytes:
        """Blind index of an advert's id on its site."""
        return hmac.digest(self._index, _bytes(f"ad:{site}:{ad_id}"), "sha256")

    def contact_key(self, kind: str, value: str) -> bytes:
        """Blind index of a contact (guide: "phone:e164:" + number)."""
        return hmac.digest(self._index, _contact_name(kind, value), "sha256")

    def dnc_key(self, kind: str, value: str) -> bytes:
        """Index of a contact under the do-not-contact key."""
        return hmac.digest(self._dnc, _contact_name(kind, value), "sha256")

    def fingerprint(self, kind: str, content: str) -> bytes:
        """Keyed hash of a content."""
        return hmac.digest(self._content, _bytes(f"{kind}\0{content}"), "sha256")


def _contact_name(kind: str, value: str) -> bytes:
    return _bytes(f"phone:e164:{value}" if kind == "phone" else f"{kind}:{value}")


def _bytes(text: str) -> bytes:
    # A page can hold half a surrogate pair; it must not stop a crawl.
    return text.encode(errors="surrogatepass")


def canonical(value: Any) -> str:
    """JSON that is the same for equal values: sorted keys, no spaces, text as it is."""
    return _CANONICAL.encode(value)
