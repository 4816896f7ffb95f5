"""Names in archives whose encoding nobody tells: found out for all names of an archive together."""

from pathlib import Path

import pytest

from searcher.images.encoding_detection import detect_encoding
from searcher.images.sources import find_sources
from tests.archive_files import write_tar, write_zip

# Names as people give them, one archive each.
NAMES: dict[str, list[str]] = {
    "utf-8": ["größe.jpg", "猫/照片.jpg", "写真.jpg", "사진.jpg", "Фото.jpg", "é.jpg", "🐈.jpg"],
    "gb18030": """猫/照片.jpg 2019旅行/北京.jpg 新建文件夹/图片1.jpg 我的照片/生日聚会.jpg
        张三/李四.jpg 微信图片_2020.jpg 动物园/大熊猫.jpg IMG照片.jpg 截图（1）.jpg""".split(),
    "cp932": """写真/表.jpg 猫.jpg 家族旅行/海.jpg ねこ/ソ能.jpg 新しいフォルダー/画像.jpg
        東京タワー.jpg テスト.jpg 犬/桜.jpg""".split(),
    "cp949": ["사진/고양이.jpg", "강아지.jpg", "새 폴더/가족여행.jpg", "서울.jpg", "바다.jpg"],
    "cp950": ["照片/貓.jpg", "圖片.jpg", "台灣/風景.jpg", "新資料夾/狗.jpg", "生日派對.jpg"],
    "cp866": ["Фото/котик.jpg", "Отпуск/море.jpg", "Новая папка/дача.jpg", "Фото 2019/Москва.jpg"],
    "cp1251": ["Фото/котик.jpg", "Отпуск/море.jpg", "Новая папка/дача.jpg"],
    "koi8_r": ["Фото/котик.jpg"],
    "cp437": """größe/Übung.jpg été.jpg niño/año.jpg Bäume/Vögel.jpg café.jpg Noël/crèche.jpg
        smörgåsbord.jpg España/señor.jpg München.jpg öl.jpg""".split(),
    "cp850": ["Ação/São.jpg", "København/smørrebrød.jpg", "João.jpg", "coração/mãe.jpg"],
    "cp1252": """größe/Übung.jpg été.jpg niño.jpg Bäume/Vögel.jpg smørrebrød.jpg café.jpg
        Île/forêt.jpg João/mãe.jpg""".split(),
    "cp852": ["łódka/źrebię.jpg", "Wakacje/Święta/zdjęcie.jpg", "Žlutý kůň.jpg"],
    "cp1250": ["łódka/źrebię.jpg", "Święta/zdjęcie.jpg"],
    "cp737": ["Φωτογραφίες/γάτα.jpg"],
    "cp1253": ["Φωτογραφίες/γάτα.jpg"],
    "cp1254": ["Düğün/çiçek/ışık.jpg"],
    "cp1256": ["صور/قطة.jpg"],
    "cp874": ["รูปภาพ/แมว.jpg"],
}


@pytest.mark.parametrize("encoding", NAMES)
def test_one_short_name_tells_the_encoding(encoding: str) -> None:
    decoded = []
    for name in NAMES[encoding]:
        raw = name.encode(encoding)
        decoded.append(raw.decode(detect_encoding([raw, b"a.jpg"])))
    assert decoded == NAMES[encoding]


@pytest.mark.parametrize("encoding", ["gb18030", "cp932", "cp949", "cp950", "cp866", "cp1251"])
@pytest.mark.parametrize("write", [write_zip, write_tar])
def test_all_names_of_an_archive_have_one_encoding(
    write: type, encoding: str, tmp_path: Path
) -> None:
    names = NAMES[encoding]
    if write is write_zip:
        path = write_zip(tmp_path / "a.zip", [(name.encode(encoding), b"x") for name in names])
    else:
        path = write_tar(tmp_path / "a.tar", [(name, b"x") for name in names], encoding)
    found = [str(Path(source.path).relative_to(path)) for source in find_sources([path])]
    assert found == sorted(names)


def test_names_that_no_encoding_fits_are_shown_all_the_same(tmp_path: Path) -> None:
    raw = [bytes([byte, 0xFF, byte]) + b".jpg" for byte in range(0x80, 0x100)]
    sources = list(find_sources([write_zip(tmp_path / "a.zip", [(name, b"x") for name in raw])]))
    assert len({source.path for source in sources}) == len(raw)
    assert all(source.read() == b"x" for source in sources)
