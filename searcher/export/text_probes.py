"""Texts on which the text side of a network is compared before and after."""

SHORT = ("", "a", "a red car")
PROBES = (
    *SHORT,
    "A photo of TWO dogs, playing in the snow!",
    "snow " * 500,
    "one two three four five six seven eight nine ten " * 3,
    "🐕🏽‍🦺 ❄️ 👩‍👩‍👧",
    "一只狗在雪地里奔跑",
    "كلب يجري في الثلج",
    "Donaudampfschifffahrtsgesellschaftskapitän",
    "Fußgängerübergang im Spätsommer",
    "ÉCOLE, GARÇON: «Où?»",
    "e\u0301cole, gare\u0327on",
    "  leading and   trailing\tspaces \n",
    "it's 3.5 × 1,000 = 3,500 (or 1/2)?",
    "!!! ... ???",
    "собака бежит по снегу",
    "雪の中を走る犬",
    "ﬁne ﬂour, ½ cup, １２３",
    "nul\u2028line\u00a0break\u200b",
)
