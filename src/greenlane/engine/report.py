"""`write_report`: the summary of a run as one page that stands alone, opens anywhere and prints."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from greenlane.engine.report_view import view


def write_report(summary: dict[str, Any], path: Path) -> None:
    """Write ``report.html``: inline style, no script, nothing fetched; every chart has its table and its CSV.

    Args:
        summary: What `greenlane.measure.summary.merge` returns; ``run`` beside it, where given, adds what was
            refused or came twice, the versions and the command.
        path: File to write; it is whole or, after a failure, as it was.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from greenlane.measure.summary import merge
        >>> with TemporaryDirectory() as folder:
        ...     write_report(merge([]), Path(folder) / "report.html")
        ...     text = (Path(folder) / "report.html").read_text(encoding="utf-8")
        >>> "<h1>" in text, "<script" in text
        (True, False)
    """
    write_page(view(summary), path)


def write_page(shown: dict[str, Any], path: Path) -> None:
    """Write a page of sections and charts: title, period, headline, money, key_figures, sections, foot, closing."""
    page = _ENVIRONMENT.get_template("report.html").render(shown)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(page, encoding="utf-8")
    partial.replace(path)


_ENVIRONMENT = Environment(
    loader=PackageLoader("greenlane.engine", "."),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
