"""Environment variables. A row's value is what is set."""

from tests.hostile.row import ACCEPTED, Row

REDIS = "REDIS_URL is no address of a Redis server, since "
MILVUS = "MILVUS_URI is no address of a Milvus server, since "
HOST = "GRADIO_SERVER_NAME must be an address of this machine"
ROOT = "ROOT_PATH must be a path such as /demo"
ENCODED = "must be encoded, such as %23 for #"
PORT = "its port is no number from 1 to 65535"
BEGINS = "it begins with none of "


def redis(url: str, happens: str, why: str) -> Row:
    """A row about REDIS_URL."""
    return Row(f"REDIS_URL={url}", {"REDIS_URL": url}, happens, why)


def milvus(uri: str, happens: str, why: str) -> Row:
    """A row about MILVUS_URI."""
    return Row(f"MILVUS_URI={uri}", {"MILVUS_URI": uri}, happens, why)


def host(name: str, happens: str, why: str) -> Row:
    """A row about GRADIO_SERVER_NAME."""
    return Row(f"GRADIO_SERVER_NAME={name}", {"GRADIO_SERVER_NAME": name}, happens, why)


def one(name: str, text: str, happens: str, why: str) -> Row:
    """A row about another variable."""
    return Row(f"{name}={text}", {name: text}, happens, why)


ROWS = (
    redis("localhost:6379", REDIS + BEGINS + "redis://", "without a scheme it may be anything"),
    redis("http://host:6379", REDIS + BEGINS, "another program's address"),
    redis("redis:/host", REDIS + BEGINS, "a slash is missing"),
    redis("REDIS://host", ACCEPTED, "schemes have no case"),
    redis("redis://host:6379\n", ACCEPTED, "files end with a line break"),
    redis('"redis://host"', REDIS + "there are quotes around it", "Docker keeps them in env files"),
    redis("redis://:p#ss@host:6379/0", ENCODED, "the rest is a fragment of the address"),
    redis("redis://:p/ss@host", ENCODED, "the rest is a path"),
    redis("redis://:p?ss@host", ENCODED, "the rest is a query"),
    redis("redis://:p ss@host", "it contains a space", "addresses have none"),
    redis("redis://:p%23ss@host", ACCEPTED, "encoded as it must be"),
    redis("redis://user:p@ss@host", ACCEPTED, "the last @ is the one before the host"),
    redis("redis://host:99999", PORT, "ports have 16 bits"),
    redis("redis://host:port", PORT, "a template that was not filled in"),
    redis("redis://:6379", "it names no host", "a variable for the host was unset"),
    redis("redis://a..b", "it names no host", "an empty part of a name"),
    redis("redis://::1:6379", "IPv6 addresses must be in brackets", "its port is not clear"),
    redis("redis://[::1]:6379/0", ACCEPTED, "an IPv6 address"),
    redis("redis://[::1:6379", "must be in brackets", "one bracket is missing"),
    redis("redis://host/zero", "the number of a database", "Redis' client would take database 0"),
    redis("unix:///run/my redis.sock", ACCEPTED, "a path may have spaces"),
    redis("unix://", "it names no host", "the path is missing"),
    milvus("./milvus.db", MILVUS + "it is the path of a file", "Milvus Lite needs no variable"),
    milvus("/srv/milvus", MILVUS + "it is the path of a file", "Milvus Lite needs no variable"),
    milvus("C:\\milvus.db", "it is the path of a file", "a path of Windows"),
    milvus("localhost:19530", MILVUS + BEGINS + "http://", "without a scheme it may be anything"),
    milvus("redis://host:6379", MILVUS + BEGINS, "the two variables are confused"),
    milvus("http://host:70000", PORT, "ports have 16 bits"),
    milvus("http://h\u200bost:19530", "it contains a space", "copied from a web page"),
    milvus("http://[::1]:19530", ACCEPTED, "an IPv6 address"),
    milvus("https://x.zillizcloud.com", ACCEPTED, "Zilliz Cloud"),
    milvus("  ", ACCEPTED, "a blank value is no value"),
    host("::1", ACCEPTED, "an IPv6 address"),
    host("[::]", ACCEPTED, "as in an address of the web"),
    host("fe80::1%eth0", ACCEPTED, "an address of one network interface"),
    host("127.0.0.1:7860", HOST, "PORT has the port"),
    host("http://0.0.0.0", HOST, "an address of the web"),
    host("[::1", HOST, "one bracket is missing"),
    host("300.1.1.1", HOST, "numbers of addresses have 8 bits"),
    host("*", HOST, "0.0.0.0 and :: are all addresses"),
    one("PORT", "80a", "PORT must be a whole number", "a typing error"),
    one("PORT", "７８６０", "PORT must be a whole number", "digits of another script"),
    one("MODEL_CACHE", "9" * 5000, "MODEL_CACHE must be", "only its beginning is shown"),
    one("READ_ONLY", "ja", "READ_ONLY must be 1 or 0", "another language"),
    one("LOG_LEVEL", "a\nb", "LOG_LEVEL must be one of", "shown without control characters"),
    one("TWINLENS_DATA", "/srv/C# 100%25 ünï?", ACCEPTED, "any folder name works"),
    one("TWINLENS_DATA", "/srv/caf\udce9", "must be UTF-8", "Milvus Lite can't open it"),
    one("TWINLENS_DATA", "~nobody-has-this-name/x", "There is no folder", "no user's folder"),
    one("ROOT_PATH", "demo/", ROOT, "a path begins with a slash"),
    one("ROOT_PATH", "/a/../b", ROOT, "browsers would remove the dots"),
    one("ROOT_PATH", "/gradio_api", ROOT, "the app has this path itself"),
    one("ROOT_PATH", '/"><script>', ROOT, "it becomes part of the page"),
    one("ROOT_PATH", "https:///demo", ROOT, "an address without a host"),
    one("ROOT_PATH", "/user/j%C3%BCrgen/proxy/7860/", ACCEPTED, "as browsers encode it"),
    one("ROOT_PATH", "https://pictures.example:8443/demo", ACCEPTED, "the page's whole address"),
    one("AUTH", "@/srv/nowhere", "can't be read", "the file is missing"),
    one("AUTH", "@/", "AUTH names can't be read: Is a directory.", "it is a folder"),
    one("FRAME_ANCESTORS", "https://a; script-src *", "must be origins", "it would change headers"),
    one("SSL_CERT_FILE", "/nowhere", "that SSL_CERT_FILE names can't be read", "conda leaves such"),
    one("SSL_CERT_FILE", "/etc/passwd", "that SSL_CERT_FILE names can't", "it has no certificates"),
    one("http_proxy", "proxy:3128", ACCEPTED, "the scheme is http://"),
    one("HTTPS_PROXY", "http://proxy:3128\n", ACCEPTED, "files end with a line break"),
    one("HTTPS_PROXY", "ftp://proxy", "HTTPS_PROXY is no address of a proxy", "no such proxies"),
    one("ALL_PROXY", "socks4://proxy:1080", "ALL_PROXY is no address of a proxy", "httpx has none"),
    one("http_proxy", "http://u:p#x@proxy", ENCODED, "the rest is a fragment of the address"),
    one("http_proxy", "::1", "must be in brackets", "its port is not clear"),
    one("NO_PROXY", "[::1],fd00::/8,ünï,a:b,*.x", ACCEPTED, "httpx gets what it can parse"),
)
