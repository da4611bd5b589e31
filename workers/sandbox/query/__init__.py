"""Searches of the sandbox: from the query of a request to pages of a Bundle.

``search_parameters`` lists what each type can be searched by, ``search_index`` makes rows of a
resource, ``search_plan`` and ``criteria`` make SQL of a query, ``date_ranges`` compares moments,
``result_pages`` shows what was found.
"""
