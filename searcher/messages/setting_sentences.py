"""Messages about settings, and about what ends a program."""

SENTENCES: dict[str, str | tuple[str, str]] = {
    "setting.integer": "{name} must be a whole number from {low:d} to {high:d}, not “{text}”.",
    "setting.flag": "{name} must be 1 or 0, not “{text}”.",
    "setting.choice": "{name} must be one of {choices}, not “{text}”.",
    "setting.networks": "{name} must be addresses or networks such as 10.0.0.0/8: {reason}.",
    "setting.address": "{name} must begin with https:// or http://, unlike “{text}”.",
    "setting.file": "The file that {name} names can't be read: {reason}.",
    "setting.entry": "Every entry of {name} must be like user:password.",
    "setting.nobody": "{name} names nobody: nobody could come in.",
    "setting.text": "{name} must be UTF-8 text.",
    "setting.folder": "There is no folder {text}: the user or the links in it lead nowhere.",
    "setting.host": (
        "{name} must be an address of this machine, such as 127.0.0.1, 0.0.0.0, ::1 or ::, not "
        "“{text}”."
    ),
    "setting.origins": (
        "{name} must be origins such as https://example.org, separated by spaces, not “{text}”."
    ),
    "setting.root": (
        "{name} must be a path such as /demo, or the page's address such as "
        "https://example.org/demo, and none of the app's own paths, not “{text}”."
    ),
    "setting.store": (
        "{name} is no address of a {store} server, since {reason}: it must be like {example}."
    ),
    "setting.proxy": (
        "{name} is no address of a proxy, since {reason}: it must be like http://HOST:3128."
    ),
    "setting.socks": (
        "{name} is a SOCKS proxy, for which a package is missing: pip install {package}, or unset "
        "the variable."
    ),
    "address.quotes": "there are quotes around it",
    "address.space": "it contains a space or a control character",
    "address.scheme": "it begins with none of {schemes}",
    "address.lite": (
        "it is the path of a file (without the variable, Milvus Lite keeps its files in "
        "TWINLENS_DATA)"
    ),
    "address.brackets": "IPv6 addresses must be in brackets",
    "address.port": "its port is no number from 1 to 65535",
    "address.no_host": "it names no host",
    "address.encode": "characters such as # and / in a password must be encoded, such as %23 for #",
    "address.database": "the number of a database must follow its host, or nothing",
    "failure.output": "The output, or a file, can't be written ({reason}).",
    "failure.file": "{name} can't be used ({reason}).",
    "failure.system": "The system refuses something that Twinlens needs ({reason}).",
    "failure.unexpected": (
        "Twinlens has failed in an unexpected way ({reason}): with LOG_LEVEL=debug it prints the "
        "details for a report."
    ),
}
