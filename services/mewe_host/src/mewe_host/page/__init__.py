"""The first page: what this deployment mounts, and whether it is well. Readable on a phone, without a script."""

from base64 import b64encode
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import Final

from attrs import frozen
from mewe_core.kit.texts import languages, say
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

PACKAGE: Final = "mewe_host.page"


@frozen
class Mounted:
    """A feature as the page shows it. ``package`` may bring its own summary in other languages (``locale``, key summary)."""

    name: str
    version: str
    summary: str
    package: str
    ready: bool


@frozen
class Deployment:
    """What the page tells. ``country`` is its code."""

    country: str
    version: str
    grpc_address: str
    features: tuple[Mounted, ...]

    @property
    def ready(self) -> bool:
        """Whether every feature is."""
        return all(one.ready for one in self.features)


@cache
def style() -> tuple[str, str]:
    """The style sheet, and the source expression that lets a browser use it and no other."""
    text = (files(PACKAGE) / "first.css").read_text(encoding="utf-8")
    return text, f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def chosen(request: Request) -> str:
    """The page's language: asked for, or the first the reader's browser prefers that there is."""
    there = languages(PACKAGE)
    asked = request.query_params.get("lang", "")
    preferred = [one.split(";")[0].strip().lower() for one in request.headers.get("accept-language", "").split(",")]
    return next((tag for one in (asked, *preferred) if (tag := one.split("-")[0]) in there), "en")


def summary(feature: Mounted, language: str) -> str:
    """What a feature does, in the language if it says so itself."""
    try:
        return say(feature.package, language, "summary")
    except (KeyError, FileNotFoundError, ModuleNotFoundError):
        return feature.summary


def named(country: str, language: str) -> str:
    """The name of a country in a language; its code if there is none."""
    from babel import Locale

    return str(Locale.parse(language).territories.get(country, country))


def page(deployment: Deployment, language: str) -> str:
    """The page as HTML; everything put into it is escaped."""

    def text(key: str, **arguments: str) -> str:
        return escape(say(PACKAGE, language, key, **arguments))

    other = "en" if language == "sv" else "sv"
    features = "\n".join(
        f'<li><span class="name">{escape(one.name)}</span> <span class="small">{escape(one.version)} · '
        f"{text('feature-ready' if one.ready else 'feature-waiting')}</span><br>{escape(summary(one, language))}</li>"
        for one in deployment.features
    )
    title = text("title", country=named(deployment.country, language))
    state = "state-ready" if deployment.ready else "state-waiting"
    return f"""<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{style()[0]}</style></head>
<body>
<nav><a href="/?lang={other}" lang="{other}" hreflang="{other}">{text("language")}</a></nav>
<main>
<h1>{title}</h1>
<p>{text("lead")}</p>
<p class="state {state}">{text(state)}</p>
<h2>{text("mounted")}</h2>
<ul class="features">
{features}
</ul>
<h2>{text("links")}</h2>
<ul>
<li><a href="/openapi.json">{text("openapi")}</a></li>
<li><a href="/healthz">{text("health")}</a></li>
<li>{text("grpc", address=deployment.grpc_address)}</li>
<li>{text("documentation")}</li>
<li>{text("host", version=deployment.version)}</li>
</ul>
</main>
</body>
</html>
"""


def routes(deployment: Callable[[], Deployment]) -> list[Route]:
    """The page at ``/``, made anew from the deployment's state at each request."""

    async def first(request: Request) -> HTMLResponse:
        html = page(deployment(), chosen(request))
        headers = {
            "cache-control": "no-store",
            "content-security-policy": f"default-src 'none'; style-src {style()[1]}; base-uri 'none'; frame-ancestors 'none'",
        }
        return HTMLResponse(html, headers=headers)

    return [Route("/", first, methods=["GET"])]
