"""One letter on pages: as text, HTML and PDF, with the chart of the T-scores over time."""
