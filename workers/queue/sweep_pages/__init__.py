"""The searches of a sweep, page by page.

page_reader     each page as often as it needs, and on behind the last page of an earlier reader
first_pages     the first pages of several searches in one request
"""
