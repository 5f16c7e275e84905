"""Reference pages made from the service's own declarations: settings and endpoints."""

from collections.abc import Iterator
from typing import Any

from litestar.handlers import HTTPRouteHandler

from greenlane.desk.caller import RIGHTS, Right
from greenlane.service.access import ANONYMOUS, RIGHT
from greenlane.service.app import HANDLERS, TAGS
from greenlane.service.settings import SETTINGS, Settings


def settings_page() -> str:
    """Return the reference page of the service's settings."""
    defaults = Settings()
    lines = [
        "# Settings of the service\n",
        "`greenlane serve` takes each setting from a TOML file (`--config FILE`), from the environment and, for some, "
        "from a flag; each later one wins. A setting that is unknown or can't have its value is refused at the start.\n",
        "| setting | environment | default | meaning |\n|---|---|---|---|",
    ]
    for setting in SETTINGS:
        value: Any = getattr(defaults, setting.name)
        shown = "" if value in ("", ()) else f"`{str(value).lower() if isinstance(value, bool) else value}`"
        lines.append(f"| `{setting.name}` | `{setting.variable}` | {shown} | {setting.about} |")
    return "\n".join(lines)


def api_page() -> str:
    """Return the reference page of the endpoints: what each does, who may call it."""
    lines = [
        "# The API\n",
        "Every endpoint lies under `/api/v1`. The OpenAPI document with every field stands at "
        "`/api/v1/openapi.json` of a running service. An error is a problem (RFC 9457) with every fault in `errors`. "
        "A call bears `Authorization: Bearer KEY`, but for those that anybody may make: "
        "[Use the API](../how-to/use-the-api.md). `Accept-Language` (en, fr, es, zh, ar) "
        "chooses the language of problems, results and findings; `Content-Language` says which it is. Formats of a "
        "filing by `Content-Type`: [File messages of others](../how-to/file-foreign-messages.md).\n",
    ]
    for tag in TAGS:
        own = [found for found in _endpoints() if tag.name in (found[2].tags or ())]
        if not own:
            continue
        lines.append(f"## {tag.name}\n\n{tag.description}\n")
        lines.append("| endpoint | what it does | who |\n|---|---|---|")
        for method, path, handler in own:
            words = (handler.fn.__doc__ or "").strip().partition("\n")[0]
            lines.append(f"| `{method} {path}` | {words} | {_who(handler)} |")
        lines.append("")
    return "\n".join(lines)


def _endpoints() -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    for handler in HANDLERS:
        for path in sorted(handler.paths):
            for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                yield method, path, handler


def _who(handler: HTTPRouteHandler) -> str:
    if handler.opt.get(ANONYMOUS):
        return "anybody"
    right = handler.opt.get(RIGHT)
    return ", ".join(sorted(RIGHTS[right])) if isinstance(right, Right) else "nobody"


__all__ = ["api_page", "settings_page"]
