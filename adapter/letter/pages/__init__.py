"""One letter on pages: `plain_text`, `html_page` and `pdf_page`,
with the `score_chart` of the T-scores over time.
"""
