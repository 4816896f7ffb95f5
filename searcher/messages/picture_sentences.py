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
    "archive.member_damaged": "{name} is encrypted or damaged inside its archive.",
    "archive.not_zip": "{name} is not a .zip archive that opens.",
}
