"""Messages about disks, stores and their repair."""

SENTENCES: dict[str, str | tuple[str, str]] = {
    "verbatim": "{text}",
    "os.eacces": "Permission denied",
    "os.eperm": "Operation not permitted",
    "os.enoent": "No such file or directory",
    "os.eexist": "File exists",
    "os.enotdir": "Not a directory",
    "os.eisdir": "Is a directory",
    "os.eio": "Input/output error",
    "os.erofs": "Read-only file system",
    "os.enospc": "No space left on device",
    "os.edquot": "Disk quota exceeded",
    "os.emfile": "Too many open files",
    "os.enametoolong": "File name too long",
    "os.eloop": "Too many levels of symbolic links",
    "os.ebusy": "Device or resource busy",
    "os.eaddrinuse": "Address already in use",
    "os.other": "error {number:d}",
    "disk.full": "The disk is full. Free some space; work then goes on by itself.",
    "disk.not_written": (
        "A file could not be written ({reason}): check the permissions of the data and models "
        "folders."
    ),
    "disk.data_folder": (
        "The data folder can't be used ({reason}). Point TWINLENS_DATA at a folder that can be "
        "written."
    ),
    "store.disk_full": "The disk of {store} is full. Free some space; work then goes on by itself.",
    "store.disk_read_only": (
        "The disk of {store} can only be read: set TWINLENS_DATA to another folder."
    ),
    "store.redis_address": (
        "REDIS_URL is no address of a Redis server: it must be like redis://HOST:6379/0."
    ),
    "store.redis_login": "Redis does not accept the name or password. Check REDIS_URL.",
    "store.redis_away": "Redis does not answer. Check REDIS_URL and that the server runs.",
    "store.redis_refused": "Redis refused the request: {reason}.",
    "store.milvus_away": (
        "Milvus does not answer. Check MILVUS_URI, MILVUS_TOKEN and that the server runs."
    ),
    "store.milvus_denied": "Milvus does not accept the token. Check MILVUS_TOKEN.",
    "store.milvus_address": (
        "MILVUS_URI is no address of a Milvus server: it must be like http://HOST:19530."
    ),
    "store.milvus_refused": "Milvus refused the request: {reason}.",
    "lock.waiting": "Process {holder} keeps {name} locked: waiting for it.",
    "lock.given_up": (
        "Process {holder} has kept {name} locked for {seconds:d} s, and this waits no longer: let "
        "that process go on, or end it."
    ),
    "library.closed": "The library is closed.",
    "store.collection_damaged": (
        "Milvus can't use the collection {name}. Drop it there, and its pictures are embedded "
        "again."
    ),
    "store.no_redis_server": (
        "There is no redis-server: install Redis (apt install redis-server, or brew install "
        "redis), or set REDIS_URL and MILVUS_URI."
    ),
    "store.not_started": (
        "The private Milvus and Redis did not start; see stores/supervisor.log in the data folder."
    ),
    "store.foreign": (
        "{store} belongs to another library than the data folder, so nothing is changed: check "
        "{variable} and TWINLENS_DATA, or take it as this folder's with `python -m searcher "
        "doctor --adopt-stores`."
    ),
    "store.incomplete": (
        "{store} does not have all of the library yet, as `migrate` was interrupted: run it again, "
        "with the former addresses in MILVUS_URI and REDIS_URL."
    ),
    "store.too_large": (
        "{total} pictures are more than the embedded store is made for, which is {limit}: start a "
        "Milvus server, run `python -m searcher migrate --to-milvus URI`, and set MILVUS_URI."
    ),
    "store.empty": (
        "{store} is empty, but the data folder has pictures, so nothing is changed: check "
        "{variable} and TWINLENS_DATA, or fill it from the folder with `python -m searcher "
        "doctor --rebuild`."
    ),
    "recovery.records_cut": (
        "The file of the records was damaged. Bytes left out: {bytes}; entries brought back "
        "from the last snapshot: {entries}."
    ),
    "recovery.records_complete": (
        "The file of the records was damaged or gone. The snapshot made when the library was "
        "last closed has replaced it; nothing is lost."
    ),
    "recovery.records_gone": (
        "The file of the records was gone. Entries loaded from the last snapshot: {entries}."
    ),
    "recovery.records_unusable": (
        "The files of the records could not be used. They are kept in the folder stores/redis, "
        "and the records start empty."
    ),
    "recovery.collection": (
        "The collection {name} was damaged and put aside; its pictures are embedded again."
    ),
    "recovery.collections": (
        "The folder of the vectors could not be used. It is kept in stores/milvus-damaged, and "
        "all pictures are embedded again."
    ),
}
