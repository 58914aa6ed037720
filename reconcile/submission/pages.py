"""Pages of a submission from templates of this package. No network; content is never markup."""

from reconcile.report.plain import TAGS, pages_of
from reconcile.report.visible import show, show_line
from reconcile.wording import Lang, say


def _visible_value(value: object) -> object:
    """A text with invisible characters made visible; markup and other values unchanged."""
    # Markup comes only from our own templates.
    return show(value) if type(value) is str else value


def render_page(name: str, section: str, lang: Lang, **values: object) -> str:
    """A template filled in; `T` in it is an entry of the catalogue's section.

    Every value is escaped; invisible characters are shown.
    """
    template = pages_of("reconcile.submission", _visible_value).get_template(name)
    return template.render(
        tag=TAGS[lang],
        T=lambda key, **told: say(f"{section}.{key}", lang, **told),
        F=lambda key: say(f"front.{key}", lang),
        shown=lambda text: show_line(str(text)),
        **values,
    )
