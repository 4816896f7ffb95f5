"""Texts: a few hundred words that tokenizers learn, and what people may type."""

WORDS = """
a photo of the red car in front of an old house near the green hill. two small dogs run through
deep snow and a black cat sleeps on the warm chair beside the window. children play football in the
park while their parents drink coffee under the trees. a white boat on the blue sea at sunset, a
bird over the water, a bridge over the river. the woman with the yellow umbrella waits for the bus.
an aeroplane above the clouds, a train in the station, a bicycle against the wall. fresh bread,
apples, oranges and cheese on a wooden table. flowers in a glass vase, a candle, an open book with
a cup of tea. mountains behind a lake, a forest in autumn, a desert under the stars, rain in the
city at night. a man plays the guitar, a girl paints a picture, an old clock stands on the shelf.
horses in the field, sheep on the meadow, a fish in the pond, an elephant and a giraffe at the zoo.
something round and something square, something to eat, nothing but sand and stones. it's a dog's
life, isn't it? they're here; we've seen them; I'll come. der schnelle hund und die alte
brücke über dem fluss; ein café am straßenrand, l'été à la plage, una niña pequeña con su perro.
numbers: 1 2 3 10 24 365 1000, half past seven, 3.5 metres, 20 % off!
""".replace("\n", " ").strip()

TEXTS = (
    "",
    "a photo of two dogs in the snow",
    "red car " * 250,
    "a 🐕 in the ❄️, 👩‍👩‍👧 beside",
    "一只狗在雪地里奔跑",
    "كلب يجري في الثلج",
    "Donaudampfschifffahrtsgesellschaftskapitän vor der Straßenbahnhaltestelle",
    "A PHOTO OF THE RED CAR",
    "it's a dog's life, isn't it?!",
    "  two   small\tdogs \n run ",
    "cafe\u0301 am Straßenrand, nin\u0303a peque\u00f1a",
    "Café am Straßenrand, niña pequeña",
    "!!! ... ??? --",
    "3.5 × 1,000 = 3,500 (half past 7)",
    "собака бежит по снегу",
    "犬が雪の中を走る",
    "ﬁsh in the pond, ½ off, １２３",
    "x" * 400,
    "snow\u00a0and\u2028rain\u200b",
    "a-b_c/d\\e@f#g",
)
