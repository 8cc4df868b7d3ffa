"""Writes tokens.json: what Python's own re and str.lower make of hard texts and of every code point.

CPython 3.11 (Unicode 14): python3.11 tokens.py > tokens.json
"""
import json, re, sys, unicodedata

TOKEN = re.compile(r"(?u)\b\w\w+\b")
tokens = lambda text: TOKEN.findall(text.lower())

TEXTS = [
    "", " ", "a", "é", "ab", "éa", "a b c", "Gestão de Projetos (PMO), 5+ anos",
    "C# C++ .NET F# node.js vue.js 4.7.2 R$ 5.000,00", "snake_case __init__ _ __ ___", "e-mail bem-vindo d'água",
    "ÁÉÍÓÚ ÀÃÕÇ Ñandú ÜBER Øystein ÐÞ ×÷ µm ªº 1º 2ª m² ½ ¾x", "coração CORAÇÃO cora\u00e7\u00e3o",
    "corac\u0327a\u0303o", "İstanbul Iİ aİb İİ ıI", "ΟΔΟΣ ΣΣ Σ αΣ. αΣ.β ΑΣ'Α ΑΣ\u0301 ΑΣ\u00adΑ ΌΣΟΣ", "ſtraße STRASSE ẞ",
    "ﬁnal ǅ ǆ Ǆ ᾈ ᾳ", "Ⓐⓑ ⅷ Ⅷ ⅷⅧ ①② ②x", "हिन्दी தமிழ் ไทย العَرَبِيَّة עברית", "日本語 テキスト 한국어", "a\u200bb a\u200db a\u00adb a\u00a0bb",
    "x\u203fy a\ufe33b ＿ｆｕｌｌ ＷＩＤＥ１２", "٣٤ १२ 𝟘𝟙 𝐀𝐁 𐐀𐐁 🙂ab🙂", "a\x00b ab\x00cd\x1fef\x7fgh", "•item ·ponto – traço — “aspas”",
    "ꟋX ꟌX ꟜꟜ", "fábiocosta_123@gmail.com", "Ą ĄĄ Żółć ŁÓDŹ Ĳ ŉ Ŋŋ ſſ", "K Å Ω K℞ ℵ₀ ⁿx", "Ა ა ᲐᲑ აბ Ꭰ ꭰꭱ ᏸᏹ",
]

def fnv(data, h):
    for b in data:
        h = ((h ^ b) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return h

h = 0xCBF29CE484222325
for c in range(0x110000):
    if 0xD800 <= c < 0xE000:
        continue
    s = chr(c)
    h = fnv((" ".join(tokens(f"a{s}b {s}{s}")) + "\n").encode(), h)

json.dump({"python": sys.version.split()[0], "unicode": unicodedata.unidata_version, "every_code_point_fnv1a64": f"{h:016x}",
           "texts": [[t, tokens(t)] for t in TEXTS]}, sys.stdout, ensure_ascii=True, indent=1)
