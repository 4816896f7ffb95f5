"""The encoding of file names in an archive, which older programs do not tell."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

# Encodings of Windows and DOS in all countries, those that are likelier first.
CANDIDATES = (
    "cp437 cp932 gb18030 cp949 cp950 cp866 cp1251 cp850 cp1252 cp852 cp1250 koi8_r cp857 cp1254 "
    "cp737 cp1253 cp775 cp1257 cp862 cp1255 cp1256 cp874"
).split()
SAMPLE_BYTES = 20_000  # of all names together, which is plenty

# How likely a character is in the name of a file, from 0 to 1: letters by their writing system.
SCRIPTS = {"LATIN": 0.6, "CYRILLIC": 1.0, "GREEK": 0.95, "HEBREW": 0.88, "ARABIC": 0.88}
SCRIPTS |= {"THAI": 0.88, "HIRAGANA": 1.0, "KATAKANA": 1.0, "HALFWIDTH": 0.25, "FULLWIDTH": 0.9}
ALPHABETS = frozenset("LATIN CYRILLIC GREEK HEBREW ARABIC THAI".split())
LATIN_COMMON = frozenset(
    "äöüßÄÖÜéèêëàâçôîïûœÉÈÀÇñóíáúÑÓÍÁÚ¿¡ãõÃÕåæøÅÆØ"
    "ąćęłńśźżĄĆĘŁŃŚŹŻčďěňřšťůýžČĎĚŇŘŠŤŮÝŽĺľŕôőűŐŰăâîșțşţğıİŞĞđĐāēģīķļņūėįų"
)
LATIN_RARER = frozenset("ùòìîĺŕůňťďÙÒÌÎÔÊËÏÛÂýžÝŽ")
CYRILLIC_RARE = frozenset("ЂЃѓЉЊЌЋЏђљњќћџЅѕЈјЎўЄєЇїҐґІі")
CYRILLIC_WITHIN = frozenset("ъьыЪЬЫ")  # begin no word
SIGNS = frozenset("–—‘’“”…©®°´№«»·„§ªº")
WIDE_SIGNS = frozenset("、。「」『』（）【】《》・ー々〇～！？，：")
BALTIC = ("cp775", "cp1257")
CHINESE = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过"
    "发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心本前"
    "开但因只从想实日月军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很"
    "最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯话合回特代内信表化老给世位次度门"
    "任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数"
    "安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马科"
    "司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万取"
    "拉格望觉术领共确传师观清今切院让识候带导争运照片图像猫狗鸟鱼花草树旅游拍摄影集相册夹备份生日"
    "婚礼毕业聚会春夏秋冬雪雨风景城市街桥湖河江岛京港州广深杭苏宁川湾宝贝爸妈爷奶孩笑脸食车红绿蓝黑"
)
KOREAN = frozenset(
    "가각간갈감강개거건검게겨경계고곡곤골공과관광교구국군권귀그근금급기길김까나날남내너네녀년노농누"
    "는늘니다단달당대더데도동두드든들등디따때라락란람래량러런레력련령로록론료루류르른를름리린림마막"
    "만말매머먼메면명모목무문물미민바박반발방배백버번법벽별병보복본봄부북분불비빈빛사산살상새색생서"
    "석선설성세소속손송수숙순술숲스습승시식신실심십씨아악안앞애야약양어언얼엄업없에여역연열영예오"
    "온올와완왕외요용우운울원월위유육윤으은을음의이인일임입있자작장재저적전절점접정제조족존종좌주준"
    "중즈증지직진집짜차착찬참창채책처천청체초촌총최추축춘출충치친카코크타탄태터토통투트특파판팔편평"
    "포표품풍프피하학한할함합항해행향허험현형호혼홍화환활황회효후훈휴흐희히힘찍풀더폴강아"
)
TRADITIONAL_AND_JAPANESE = frozenset(
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過"
    "發後作裡用道行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其主樣理心本前開"
    "圖片照相貓狗鳥魚花草樹旅遊拍攝影集冊生日婚禮春夏秋冬雪雨風景城市街橋湖河島台灣北南東西港車紅綠"
    "写真画像表裏家族旅行猫犬海山川空旅祭誕生日結婚式学校運動会新郎夏休海外東京大阪京都北海道田中"
)

# The two levels of ideographs in GB 2312, JIS X 0208 and Big5.
LEVELS = {
    "gb18030": (range(0xB0A1, 0xD7FA), range(0xD8A1, 0xF7FF)),
    "cp932": (range(0x889F, 0x9873), range(0x989F, 0xEAA5)),
    "cp950": (range(0xA440, 0xC67F), range(0xC940, 0xF9D6)),
}


def detect_encoding(names: Sequence[bytes]) -> str:
    """Return the encoding of the names of one archive, which all have the same.

    UTF-8 where all names are valid in it, which others hardly ever are. Else that of CANDIDATES
    which gives the likeliest characters: common letters of one writing system in a word, in the
    usual case, and no lines, signs or rare ideographs. charset_normalizer is made for longer texts:
    of 25 short names it decodes 14.
    """
    sample: list[bytes] = []
    size = 0
    for name in names:
        if not name.isascii() and size < SAMPLE_BYTES:
            sample.append(name)
            size += len(name)
    if all(is_utf8(name) for name in names):
        return "utf-8"
    scores = {encoding: _likelihood(sample, encoding) for encoding in CANDIDATES}
    return max(CANDIDATES, key=lambda encoding: scores[encoding])


def is_utf8(name: bytes) -> bool:
    """Whether a name is valid in UTF-8."""
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _likelihood(names: Sequence[bytes], encoding: str) -> float:
    """Return the mean likelihood of the bytes of names that are not ASCII, at most 1."""
    total = 0.0
    count = sum(byte >= 0x80 for name in names for byte in name)
    for name in names:
        text = name.decode(encoding, "replace")
        total += sum(_weights(text, encoding))
    return total / max(1, count)


def _weights(text: str, encoding: str) -> list[float]:
    """Return the weight of each character that is not ASCII, times its bytes beyond ASCII."""
    weights = []
    for position, char in enumerate(text):
        if char.isascii():
            continue
        before = text[position - 1] if position else " "
        after = text[position + 1] if position + 1 < len(text) else " "
        coded = char.encode(encoding, "ignore")
        high = sum(byte >= 0x80 for byte in coded) or 1
        weights.append(high * (_plausibility(char, coded, encoding) - _oddity(before, char, after)))
    return weights


@lru_cache(maxsize=4096)
def _plausibility(char: str, coded: bytes, encoding: str) -> float:
    script = _script(char)
    if not coded or char == "�":
        return -2.0
    if script == "CJK":
        common = CHINESE if encoding == "gb18030" else TRADITIONAL_AND_JAPANESE
        return 1.0 if char in common else _level(int.from_bytes(coded, "big"), encoding)
    if script == "HANGUL":
        # The syllables of KS X 1001; others are an extension of Windows.
        is_standard = 0xB0 <= coded[0] <= 0xC8 and coded[-1] >= 0xA1
        return (1.0 if char in KOREAN else 0.93) if is_standard else 0.3
    if script == "LATIN":
        known = 0.95 if char in LATIN_RARER or encoding in BALTIC else 1.0
        return known if char in LATIN_COMMON else SCRIPTS[script]
    if char in CYRILLIC_RARE:
        return 0.8
    if char in SIGNS or char in WIDE_SIGNS:
        return 0.9 if char in WIDE_SIGNS and len(coded) == 2 else 0.3
    return SCRIPTS.get(script, -1.5) if unicodedata.category(char)[0] in "LM" else -1.5


def _level(code: int, encoding: str) -> float:
    """Return the likelihood of an ideograph: standards list common ones apart from the others."""
    common, rarer = LEVELS.get(encoding, (range(0), range(0)))
    is_extension = encoding == "gb18030" and code & 0xFF < 0xA1
    if is_extension or (code not in common and code not in rarer):
        return 0.1
    return 0.93 if code in common else 0.4


def _script(char: str) -> str:
    if char.isascii():
        return "LATIN" if char.isalpha() else ""
    return unicodedata.name(char, "").split(" ")[0].split("-")[0]


def _oddity(before: str, char: str, after: str) -> float:
    """Return how odd a character is beside its neighbours."""
    script = _script(char)
    near = [_script(before), _script(after)]
    if script in ("CJK", "HANGUL"):
        is_amid = before.islower() and before.isascii()
        return 0.7 if is_amid and near[1] not in ("CJK", "HANGUL") else 0.0
    if script not in ALPHABETS:
        return 0.0
    odd = sum(1.5 for other in near if other in ALPHABETS and other != script)
    if script == "CYRILLIC" and char in CYRILLIC_WITHIN and near[0] != script:
        odd += 1.0
    if (before.islower() and char.isupper()) or (char.islower() and after.isupper()):
        odd += 1.0
    elif script not in near and (script != "LATIN" or char.isupper()):
        odd += 0.1  # words of one letter are rare
    elif script != "LATIN" and char.isupper() and (before.isupper() or after.isupper()):
        odd += 0.05
    if script == "LATIN" and not before.isascii() and near[0] == script:
        odd += 0.2
    return odd
