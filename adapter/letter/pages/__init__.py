"""One letter on pages: `plain_text`, `html_page`, `pdf_page` and the `score_chart` of T-scores over time."""
