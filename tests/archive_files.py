"""Archives as different programs write them."""

import io
import tarfile
import warnings
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

Entries = Iterable[tuple[str | bytes, bytes]]


def write_zip(
    path: Path, entries: Mapping[str, bytes] | Entries, method: int = zipfile.ZIP_STORED
) -> Path:
    """Write a .zip whose names are exactly these, whatever zipfile thinks of them.

    Names that are bytes have no mark that they are UTF-8.
    """
    listed = entries.items() if isinstance(entries, Mapping) else entries
    stand_ins: list[tuple[bytes, bytes]] = []
    with zipfile.ZipFile(path, "w", method) as out:
        for number, (name, data) in enumerate(listed):
            info = zipfile.ZipInfo("x")
            if isinstance(name, str):
                info.filename = name
            else:
                info.filename = f"<{number:0{len(name) - 2}d}>"
                stand_ins.append((info.filename.encode(), name))
            info.compress_type = method
            with warnings.catch_warnings(action="ignore"):  # of repeated names
                out.writestr(info, data)
    content = path.read_bytes()
    for stand_in, name in stand_ins:
        content = content.replace(stand_in, name)
    path.write_bytes(content)
    return path


def write_tar(path: Path, entries: Mapping[str, bytes] | Entries, encoding: str = "utf-8") -> Path:
    """Write a .tar, compressed as its ending says."""
    listed = entries.items() if isinstance(entries, Mapping) else entries
    kind = path.suffix.removeprefix(".").replace("tgz", "gz").replace("tar", "")
    format = tarfile.PAX_FORMAT if encoding == "utf-8" else tarfile.GNU_FORMAT
    with tarfile.open(path, f"w:{kind}", format=format, encoding=encoding) as out:  # type: ignore[call-overload]
        for name, data in listed:
            info = tarfile.TarInfo(str(name))
            info.size = len(data)
            out.addfile(info, io.BytesIO(data))
    return path


def write_folder(path: Path, entries: Mapping[str, bytes]) -> Path:
    """Write the files of an archive into a folder."""
    for name, data in entries.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return path


def changed(path: Path, change: Callable[[bytes], bytes], target: str = "") -> Path:
    """Change the bytes of an archive, perhaps under another name."""
    content = change(path.read_bytes())
    path = path.with_name(target or path.name)
    path.write_bytes(content)
    return path
