"""Names of folders and files that a person did not put there: those of systems and programs."""

import re

# Of systems, network storage and programs: recycle bins, snapshots, thumbnails, lost clusters.
# Compared without regard to case; folders whose name begins with a dot are hidden anyway.
SYSTEM_FOLDERS = frozenset(
    """
    $extend $getcurrent $recycle.bin $rmmetadata $sysreset $winreagent recycled recycler recycle.bin
    config.msi msocache lost.dir lost+found
    #recycle #snapshot #snapshots #trash
    @eadir @recycle @recycle.bin @recently-snapshot @sharesnap @snapshot @snapshots @tmp
    @__thumb @appstore @appconf @appdata @apphome @apptemp @appshare @autoupdate @cloudsync
    @database @docker @download @img_bkp_cache @iscsi @quarantine @s2s @transcode
    ~snapshot trashbox files_trashbin files_versions
    thefindbycontentfolder thevolumesettingsfolder
    __macosx __pycache__ node_modules
    """.split()
) | {
    "system volume information",
    "network trash folder",
    "network recycle bin",
    "recycle bin",
    "temporary items",
    "hfs+ private data",
}
SYSTEM_PATTERN = re.compile(
    r"\$windows\.~\w+|found\.\d{3}|@syno.*|network recycle bin \d+|appdata_oc\w+"
    r"|.+\.(lrdata|lrcat-data)"  # previews of Lightroom
)
# What browsers and programs call a file before it is complete.
UNFINISHED = frozenset(
    ".part .partial .crdownload .download .opdownload .filepart .aria2 .!ut .!qb .bc!".split()
)
# Packages of Apple Photos, iPhoto and Aperture, which keep what a person added in these folders.
PHOTO_LIBRARIES = (".photoslibrary", ".photolibrary", ".migratedphotolibrary", ".aplibrary")
ORIGINALS = frozenset({"originals", "masters"})


def is_hidden(name: str) -> bool:
    """Whether a file or folder is hidden; so is `._name`, a file's metadata from macOS."""
    return name.startswith(".")


def is_system_folder(name: str, parent: str = "") -> bool:
    """Whether a folder belongs to a system or a program, so that no picture in it is a person's.

    Args:
        name: The folder's name.
        parent: The name of the folder that contains it.
    """
    folded = name.lower()
    if parent.lower().endswith(PHOTO_LIBRARIES) and folded not in ORIGINALS:
        return True
    return folded in SYSTEM_FOLDERS or SYSTEM_PATTERN.fullmatch(folded) is not None
