#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Prints kmod/kunit/vectors_noise.h: handshakes, cookies and sealed cells.

A second implementation of what the heads of kmod/core/noise.h, cookie.h and
wire.h say, written from that text and on other primitives (hashlib and the
Python package cryptography), so that a slip in the C code or in the text shows.

    tools/harness/vectors_noise.py >kmod/kunit/vectors_noise.h
"""
import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305


def le16(x):
    return struct.pack("<H", x)


def le32(x):
    return struct.pack("<I", x)


def hash_(*parts):
    return hashlib.blake2s(b"".join(parts)).digest()


def mac(key, data):
    return hashlib.blake2s(data, key=key, digest_size=16).digest()


def hmac_(key, data):
    return hmac.new(key, data, hashlib.blake2s).digest()


def kdf(n, key, data):
    t0, t, out = hmac_(key, data), b"", []
    for i in range(1, n + 1):
        t = hmac_(t0, t + bytes([i]))
        out.append(t)
    return out


def clamp(k):
    return bytes([k[0] & 248]) + k[1:31] + bytes([k[31] & 127 | 64])


def public(k):
    return X25519PrivateKey.from_private_bytes(k).public_key().public_bytes_raw()


def dh(k, point):
    return X25519PrivateKey.from_private_bytes(k).exchange(X25519PublicKey.from_public_bytes(point))


def seal(key, ad, text, nonce=0):
    iv = bytes(4) + struct.pack("<Q", nonce)
    return ChaCha20Poly1305(key).encrypt(iv, text, ad)


def rotl(x, n):
    return (x << n | x >> (32 - n)) & 0xFFFFFFFF


def hchacha20(key, in16):
    """draft-irtf-cfrg-xchacha-03, section 2.2."""
    s = list(struct.unpack("<4I8I4I", b"expand 32-byte k" + key + in16))

    def quarter(a, b, c, d):
        for x, y, z, n in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            s[x] = (s[x] + s[y]) & 0xFFFFFFFF
            s[z] = rotl(s[z] ^ s[x], n)

    for _ in range(10):
        for i in range(4):
            quarter(i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return struct.pack("<8I", *s[:4], *s[12:])


def xseal(key, ad, text, nonce24):
    sub = hchacha20(key, nonce24[:16])
    return ChaCha20Poly1305(sub).encrypt(bytes(4) + nonce24[16:], text, ad)


def filler(n, seed):
    """What stands for random padding: byte i is 31 i + seed."""
    return bytes((31 * i + seed) & 255 for i in range(n))


def tai64n(sec, nsec):
    return struct.pack(">QI", 2**62 + 10 + sec, nsec & ~0xFFFFFF)


def with_macs(body, to, cookie=None):
    body += mac(hash_(b"RTPL v1 mac1", to), body)
    return body + mac(cookie or hash_(b"RTPL v1 open", to), body)


def handshake(v):
    """v: secrets and numbers in; datagrams and session keys added."""
    n, si, sr = v["size"], clamp(v["si"]), clamp(v["sr"])
    ei, er = clamp(v["ei"]), clamp(v["er"])
    v["pi"], v["pr"] = public(si), public(sr)

    # initiation
    head = le32(0) + bytes([1, 0, 0, 0]) + le32(v["index_i"])
    pad = filler(n, v["fill_i"])[120:n - 32]
    c = hash_(b"Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s")
    h = hash_(c, b"RTPL v1 link handshake", le16(n), head, pad)
    h = hash_(h, v["pr"])
    e = public(ei)
    h, c = hash_(h, e), kdf(1, c, e)[0]
    c, k = kdf(2, c, dh(ei, v["pr"]))
    static = seal(k, h, v["pi"])
    h = hash_(h, static)
    c, k = kdf(2, c, dh(si, v["pr"]))
    time = seal(k, h, tai64n(v["sec"], v["nsec"]))
    h = hash_(h, time)
    body = head + e + static + time + pad
    v["init"] = with_macs(body, v["pr"])

    # cookie reply to it, and the initiation with that cookie
    cookie = mac(v["secret"], v["src"])
    reply_head = le32(0) + bytes([3, 0, 0, 0]) + le32(v["index_i"])
    v["cookie"] = cookie
    v["reply"] = reply_head + v["nonce"] + xseal(
        hash_(b"RTPL v1 cook", v["pr"]), reply_head + v["init"][n - 32:n - 16],
        cookie + bytes(n - 68), v["nonce"])
    v["init_mac2"] = with_macs(body, v["pr"], cookie)[n - 16:]

    # response
    head = le32(0) + bytes([2, 0, 0, 0]) + le32(v["index_r"]) + le32(v["index_i"])
    pad = filler(n, v["fill_r"])[64:n - 32]
    h = hash_(h, le16(n), head, pad)
    e = public(er)
    h, c = hash_(h, e), kdf(1, c, e)[0]
    c = kdf(1, c, dh(er, public(ei)))[0]
    c = kdf(1, c, dh(er, v["pi"]))[0]
    c, x, k = kdf(3, c, v["psk"])
    h = hash_(h, x)
    v["resp"] = with_macs(head + e + seal(k, h, b"") + pad, v["pi"])
    v["k1"], v["k2"] = kdf(2, c, b"")
    return v


def cell(index, key, counter, size, seed):
    plain = bytes(5) + filler(size - 29, seed)
    return {"index": index, "counter": counter, "key": key, "plain": plain,
            "cell": le32(index) + le32(counter) + seal(key, None, plain, counter)}


def c_bytes(b):
    rows = [b[i:i + 12] for i in range(0, len(b), 12)]
    return "{\n" + "".join("\t\t" + " ".join("0x%02x," % x for x in r) + "\n" for r in rows) + "\t}"


def secret(text):
    return hash_(b"RTPL v1 test vector " + text.encode())


def main():
    v4 = bytes(10) + b"\xff\xff" + bytes([192, 0, 2, 77]) + struct.pack(">H", 51820)
    v6 = bytes.fromhex("20010db8000000000000000000000001") + struct.pack(">H", 7)
    hs = []
    for name, size, psk, src in (("a", 256, secret("psk"), v4), ("b", 301, bytes(32), v6)):
        hs.append(handshake({
            "size": size, "psk": psk, "src": src,
            "si": secret(name + " static initiator"), "sr": secret(name + " static responder"),
            "ei": secret(name + " ephemeral initiator"), "er": secret(name + " ephemeral responder"),
            "secret": secret(name + " cookie"), "nonce": secret(name + " nonce")[:24],
            "index_i": 0x1020304 + size, "index_r": 0xA0B0C0D0 + size,
            "fill_i": size & 255, "fill_r": 99, "sec": 1767225600 + size, "nsec": 987654321,
        }))
    a = hs[0]
    cells = [cell(a["index_r"], a["k1"], 0, 256, 1), cell(a["index_i"], a["k2"], 1, 256, 2),
             cell(a["index_r"], a["k1"], 0xFFFFDFFE, 300, 3),
             cell(a["index_i"], a["k2"], 2, 64, 4)]

    print("/* SPDX-License-Identifier: GPL-2.0 */")
    print("/*\n * Printed by tools/harness/vectors_noise.py. The notation is that of core/noise.h:\n"
          " * si, sr, ei, er are the private keys before clamping, pi and pr the public\n"
          " * keys of si and sr. Byte i of a datagram's padding is 31 i + fill (mod 256).\n */")
    print("#ifndef RTPL_KUNIT_VECTORS_NOISE_H\n#define RTPL_KUNIT_VECTORS_NOISE_H\n")
    print("#define RTPL_VECTOR_SIZE\t301\t/* the largest datagram here */\n")
    print("struct rtpl_vector_handshake {\n\tu16 size;\n\tu8 fill_i, fill_r;\n\tu32 index_i, index_r;\n"
          "\tu64 sec;\n\tu32 nsec;\n\tu8 si[32], sr[32], ei[32], er[32], psk[32], pi[32], pr[32];\n"
          "\tu8 k1[32], k2[32];\n\tu8 secret[32], src[18], nonce[24], cookie[16], init_mac2[16];\n"
          "\tu8 init[RTPL_VECTOR_SIZE], resp[RTPL_VECTOR_SIZE], reply[RTPL_VECTOR_SIZE];\n};\n")
    print("static const struct rtpl_vector_handshake rtpl_vector_handshakes[] = {")
    for v in hs:
        print("\t{")
        for k in ("size", "fill_i", "fill_r", "index_i", "index_r", "sec", "nsec"):
            print("\t.%s = %uU," % (k, v[k]))
        for k in ("si", "sr", "ei", "er", "psk", "pi", "pr", "k1", "k2", "secret", "src",
                  "nonce", "cookie", "init_mac2", "init", "resp", "reply"):
            print("\t.%s = %s," % (k, c_bytes(v[k])))
        print("\t},")
    print("};\n")
    print("struct rtpl_vector_cell {\n\tu32 index, counter;\n\tu16 size;\n\tu8 key[32];\n"
          "\tu8 plain[RTPL_VECTOR_SIZE], cell[RTPL_VECTOR_SIZE];\n};\n")
    print("static const struct rtpl_vector_cell rtpl_vector_cells[] __maybe_unused = {")
    for v in cells:
        print("\t{\n\t.index = %uU,\n\t.counter = %uU,\n\t.size = %u," %
              (v["index"], v["counter"], len(v["cell"])))
        for k in ("key", "plain", "cell"):
            print("\t.%s = %s," % (k, c_bytes(v[k])))
        print("\t},")
    print("};\n\n#endif /* RTPL_KUNIT_VECTORS_NOISE_H */")


main()
