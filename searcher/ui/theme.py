"""Colours, type and spacing: ink and paper, with blue for model A and orange for model B."""

import gradio as gr
from starlette.requests import Request

from searcher.presentation.rendering import TEMPLATES
from searcher.ui.assets import static

CSS = [
    *(TEMPLATES / name for name in ("sides.css", "quality_chart.css", "depth_chart.css")),
    *sorted(static("styles").glob("*.css")),
]
FAVICON = static("favicon.svg")
THEME_COOKIE = "twinlens-theme"  # set by preferences.js
THEMES = ("light", "dark")


def request_theme(request: Request) -> str:
    """Return the theme set by the page's switch; "" where the URL or the system decides."""
    cookie = request.cookies.get(THEME_COOKIE, "")
    return cookie if cookie in THEMES and "__theme" not in request.query_params else ""


def theme() -> gr.themes.Base:
    """Return the page's Gradio theme, light and dark. Fonts are local to Gradio."""
    # Gradio's semibold file lacks most characters; browsers use bold for weight 600.
    sans = (
        gr.themes.LocalFont("IBM Plex Sans", weights=(400, 700)),
        "ui-sans-serif",
        "system-ui",
        "sans-serif",
    )
    mono = ("ui-monospace", "SFMono-Regular", "Consolas", "monospace")  # of code only
    return gr.themes.Base(
        primary_hue=gr.themes.colors.slate,
        secondary_hue=gr.themes.colors.slate,
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_md,
        spacing_size=gr.themes.sizes.spacing_md,
        font=sans,
        font_mono=mono,
    ).set(
        body_background_fill="#f7f8fa",
        body_background_fill_dark="#0d1117",
        body_text_color="#1a2230",
        body_text_color_dark="#e6eaf0",
        body_text_color_subdued="#566173",
        body_text_color_subdued_dark="#9aa6b8",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="#161c26",
        block_background_fill="#ffffff",
        block_background_fill_dark="#161c26",
        block_border_color="#e1e5ec",
        block_border_color_dark="#262f3d",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        block_label_border_width="0px",
        block_label_text_color="#566173",
        block_label_text_color_dark="#9aa6b8",
        block_shadow="0 1px 2px rgba(16, 24, 40, 0.05)",
        block_shadow_dark="none",
        slider_color="#1a2230",
        slider_color_dark="#c7d0de",
        button_primary_background_fill="#1a2230",
        button_primary_background_fill_dark="#e6eaf0",
        button_primary_background_fill_hover="#33405a",
        button_primary_background_fill_hover_dark="#ffffff",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#0d1117",
        input_border_width="1px",
        input_border_color="#d5dbe5",
        input_border_color_dark="#2f3a4a",
        input_background_fill="#ffffff",
        input_background_fill_dark="#0f151e",
    )
