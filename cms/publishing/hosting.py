"""What a host says beside the pages: our headers, as files for the hosts that read such files.

A policy in a header is one text for every page, and ours names the hash of the style that a page
carries: after a change of style old pages would stand there bare. So each page carries its own
policy, and the host's header says the same with any style of the page's own allowed. It also lets
what is here be fetched: the worker that keeps pages has no policy but the host's, a page its own too.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from cms.publishing.artefacts import Artefact, Turn

PAGES_KEPT = "public, max-age=300"
# Where staff, providers and programs ask our server.
BESIDE = ("hooks", "desk", "reach", "cms", "accounts", "i18n", "api")
_POLICY = "Content-Security-Policy"
_FETCHING = "connect-src 'self'"
_SENT = (
    _POLICY,
    "Cross-Origin-Opener-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "Strict-Transport-Security",
    "X-Content-Type-Options",
    "X-Frame-Options",
)
_HASH = re.compile(r"'sha256-[A-Za-z0-9+/=]+'")
_HEAD = re.compile(rb"<meta charset=[^>]*>", re.IGNORECASE)
_CARRIED = b'http-equiv="Content-Security-Policy"'
# Only a header can say who may frame a page; a browser complains where a page says it.
_HEADER_ONLY = {"frame-ancestors", "report-uri", "report-to", "sandbox"}


def carry_policy(body: bytes, policy: str) -> bytes:
    """Return a page that carries its policy, right after its character set."""
    if not policy or _CARRIED in body:
        return body
    rules = [rule for rule in _read_rules(policy) if rule.split()[0] not in _HEADER_ONLY]
    kept = "; ".join(rules)
    tag = b"<meta " + _CARRIED + f' content="{escape(kept).replace("&#x27;", chr(39))}">'.encode()
    return _HEAD.sub(lambda found: found.group() + tag, body, count=1)


def host_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return what a host is to send with every file, from what our server sends with a page."""
    given = {name.lower(): value for name, value in headers.items()}
    sent = {name: given[name.lower()] for name in _SENT if name.lower() in given}
    if policy := sent.get(_POLICY):
        rules = _read_rules(_HASH.sub("'unsafe-inline'", f"{policy}; {_FETCHING}"))
        sent[_POLICY] = "; ".join(rules)
    return sent


def _read_rules(policy: str) -> list[str]:
    """Return the rules in one order: the same policy is told in another one by another process."""
    rules = (rule.split() for rule in policy.split(";"))
    return sorted(" ".join([rule[0], *sorted(rule[1:])]) for rule in rules if rule)


@dataclass(frozen=True, slots=True)
class Said:
    """What the files for hosts are written from.

    `page` is what our server sends with a page; `live` are addresses that no file can answer, such
    as `/{language}/stop/`.
    """

    page: Mapping[str, str]
    languages: Iterable[str]
    live: Iterable[str]


def host_files(said: Said) -> list[Artefact]:
    """Return `_headers`, which some hosts read, and a sample for nginx."""
    return [
        _text_file("_headers", _write_headers(said)),
        _text_file("_nginx.conf", _write_nginx(said)),
    ]


def _text_file(key: str, text: str) -> Artefact:
    return Artefact(key, text.encode(), "text/plain; charset=utf-8", PAGES_KEPT, turn=Turn.LISTING)


def _write_headers(said: Said) -> str:
    sent = {**host_headers(said.page), "Cache-Control": PAGES_KEPT}
    lines = [f"  {name}: {value}" for name, value in sent.items()]
    return "\n".join(["/*", *lines, ""])


def _write_nginx(said: Said) -> str:
    sent = {"Cache-Control": PAGES_KEPT, **host_headers(said.page)}
    return _NGINX.format(
        said="\n".join(f'add_header {name} "{value}" always;' for name, value in sent.items()),
        live="|".join(map(_match, said.live)) or "(?!)",
        beside="|".join(BESIDE),
        languages="|".join(sorted(said.languages)) or "none",
    )


def _match(path: str) -> str:
    """Return a pattern of an address that our server answers, and of what stands below it."""
    start = path.removeprefix("/").removesuffix("/")
    return start.replace("{language}", "[a-z]+") + "(?:/|$)"


_NGINX = """\
# For a `server {{ … }}` of nginx, after its `root`. Written by manage.py publish_site.
access_log off;
charset utf-8;
index index.html;
absolute_redirect off;
error_page 404 /404.html;
{said}
# Only with --precompress, and brotli_static only where nginx has that module.
# gzip_static on;
# brotli_static on;
location ~ ^/([_.]|.*/[_.]) {{ return 404; }}
# What no file answers, at the address of our server.
location @server {{
    proxy_pass http://127.0.0.1:8000;
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-For $remote_addr;
    # One of its own, so that none of those above is added to what our server says.
    proxy_hide_header X-Content-Type-Options;
    add_header X-Content-Type-Options nosniff always;
}}
location ~ ^/(?:{live}) {{ try_files /nothing @server; }}
location ~ ^/(?:{beside})/ {{ try_files /nothing @server; }}
location ~ ^/(?:static|media)/ {{ try_files $uri @server; }}
location ~ ^/(?:{languages})/search/$ {{
    error_page 418 = @server;
    if ($request_method = POST) {{ return 418; }}
    try_files $uri $uri/index.html =404;
}}
location ~ ^/({languages})/ {{ error_page 404 /$1/404.html; try_files $uri $uri/index.html =404; }}
location = /site.webmanifest {{ types {{ }} default_type application/manifest+json; }}
location / {{ try_files $uri $uri/index.html =404; }}
"""
