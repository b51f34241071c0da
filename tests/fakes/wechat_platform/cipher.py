"""Signing and encryption of pushed messages, written from the published scheme.

AES-256-CBC, key = Base64Decode(EncodingAESKey + "="), IV = the key's first 16 bytes, plaintext =
random(16) + length(4, network order) + message + receiver id, PKCS#7 to a block of 32 bytes.
Source: developers.weixin.qq.com, "消息加解密说明" (technical plan); WeCom's is the same with the
corporation's id as receiver.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


class BadCipherText(Exception):
    """What came cannot be decrypted, or is for somebody else."""


def signature(*parts: str) -> str:
    """SHA-1 over the sorted parts: (token, timestamp, nonce) or those and the ciphertext."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


class MessageCipher:
    """Encrypts for and decrypts from one receiver.

    Args:
        aes_key: EncodingAESKey, 43 characters.
        receiver: AppID of the account, or CorpID.
    """

    def __init__(self, aes_key: str, receiver: str) -> None:
        self._key = base64.b64decode(aes_key + "=")
        self._receiver = receiver.encode()

    def encrypt(self, message: str, salt: bytes | None = None) -> str:
        """Base64 of the ciphertext; ``salt`` (16 bytes) only for published vectors."""
        body = message.encode()
        plain = (salt or secrets.token_bytes(16)) + struct.pack("!I", len(body)) + body
        plain += self._receiver
        missing = BLOCK - len(plain) % BLOCK
        plain += bytes([missing]) * missing
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(plain) + encryptor.finalize()).decode()

    def decrypt(self, encrypted: str) -> str:
        """The message.

        Raises:
            BadCipherText: not ours to read.
        """
        try:
            data = base64.b64decode(encrypted, validate=True)
            decryptor = self._cipher().decryptor()
            plain = decryptor.update(data) + decryptor.finalize()
            padding = plain[-1]
            if not 1 <= padding <= BLOCK or plain[-padding:] != bytes([padding]) * padding:
                raise BadCipherText("padding")
            content = plain[16:-padding]
            (length,) = struct.unpack("!I", content[:4])
            message, receiver = content[4 : 4 + length], content[4 + length :]
            if receiver != self._receiver:
                raise BadCipherText("receiver")
            return message.decode()
        except (ValueError, IndexError, struct.error) as error:
            raise BadCipherText(type(error).__name__) from None

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))
