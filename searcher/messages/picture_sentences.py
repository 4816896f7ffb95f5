"""Messages about pictures, files and archives."""

SENTENCES: dict[str, str | tuple[str, str]] = {
    "picture.file": "The file",
    "picture.unnamed": "The picture",
    "picture.stored": "This picture",
    "picture.unknown_format": (
        "{name} is not a picture in a known format (JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC)."
    ),
    "picture.format_not_read": (
        "{name} has the format {format}, which is not read: convert it to JPEG or PNG."
    ),
    "picture.kind_not_read": (
        "{name} has a variant of {format} that is not read: convert it to JPEG or PNG."
    ),
    "picture.no_preview": (
        "{name} is a camera's raw file without a preview to read: convert it to JPEG."
    ),
    "picture.too_many_pixels": "{name} has more than {megapixels:d} megapixels.",
    "picture.memory_limit": (
        "{name} takes {needed:d} MB of memory to decode, and MEMORY_MB allows {limit:d}."
    ),
    "picture.out_of_memory": "{name} takes more memory to decode than there is.",
    "picture.decoder_ended": (
        "{name} ended the process that decoded it: it is damaged, or memory ran out."
    ),
    "picture.damaged": "{name} is damaged or cut off and can't be decoded.",
    "picture.region_too_small": "The region is too small: mark a larger one.",
    "picture.changed": "{name} changed while it was being read.",
    "picture.wrong_name": "{name} is not what its name says.",
    "picture.gone": "This picture is not in the library any more.",
    "picture.no_thumbnail": "The thumbnail of this picture is missing: index the picture again.",
    "picture.not_indexed": "This picture is not indexed by {model} yet.",
    "file.empty": "{name} is empty.",
    "file.too_large": "{name} is larger than {mb:d} MB.",
    "file.unreadable": "{name} can't be read ({reason}).",
    "file.not_regular": "{name} is not a regular file.",
    "file.missing": "There is no file {name}.",
    "source.missing": "There is no file or folder {name}.",
    "source.leads_out": "{name} is a link that leads out of the folder.",
    "source.folder_unreadable": "{name} is a folder that can't be read ({reason}).",
    "source.not_a_folder": "{name} is not a folder, so it can't be watched.",
    "archive.member_leads_out": "{name} has a name that leads out of its archive.",
    "archive.nested": "{name} is an archive inside an archive: unpack it first.",
    "archive.member_unreadable": "{name} can't be read from its archive.",
    "archive.member_damaged": "{name} is damaged inside its archive.",
    "archive.member_encrypted": (
        "{name} is encrypted inside its archive: unpack it with its password first."
    ),
    "archive.member_method": (
        "{name} is compressed by {method}, which is not read: unpack its archive first."
    ),
    "archive.not_zip": "{name} is not a .zip archive that opens.",
    "archive.not_readable": (
        "{name} is not an archive that opens (.zip, .tar, .tar.gz, .tar.bz2 or .tar.xz)."
    ),
    "archive.format": (
        "{name} is an archive of {format}, which is not read: unpack it, or make a .zip of it."
    ),
    "archive.empty": "{name} is an archive without files.",
    "archive.cut_off": (
        "{name} is cut off, or one of several parts: the table of contents at its end is missing."
    ),
    "archive.incomplete": "{name} is cut off or damaged: only the files before that were read.",
    "archive.nothing_whole": "{name} is cut off or damaged, and nothing in it can be read.",
    "archive.in_parts": "{name} is one of several parts of an archive: join them first.",
    "archive.too_many_files": "{name} has too many files for an archive: unpack it first.",
    "archive.too_large": "{name} takes more than {gb:d} GB unpacked: unpack it first.",
    "archive.no_room": "There is no room to unpack {name}: unpack it elsewhere first.",
    "omitted.no_picture": (
        "{n} file is no picture ({names}).",
        "{n} files are no pictures ({names}).",
    ),
    "omitted.unread_format": (
        "{n} picture has a format that is not read ({names}).",
        "{n} pictures have formats that are not read ({names}).",
    ),
    "omitted.unfinished": (
        "{n} file is not complete yet ({names}).",
        "{n} files are not complete yet ({names}).",
    ),
    "omitted.hidden": (
        "{n} hidden file or folder is left out ({names}).",
        "{n} hidden files and folders are left out ({names}).",
    ),
    "omitted.system": (
        "{n} folder of a system, a recycle bin or thumbnails is left out ({names}).",
        "{n} folders of systems, recycle bins or thumbnails are left out ({names}).",
    ),
    "omitted.archive": (
        "{n} archive in a folder is not opened ({names}): name it to add its pictures.",
        "{n} archives in folders are not opened ({names}): name them to add their pictures.",
    ),
    "omitted.link": (
        "{n} link is not followed ({names}): it leads in a circle, nowhere, or to what is read "
        "anyway.",
        "{n} links are not followed ({names}): they lead in a circle, nowhere, or to what is read "
        "anyway.",
    ),
}
