"""A review of a record that somebody hands over: nothing is looked up, nothing is written.

submission         the resources, one by one or in Bundles, and what of a search did not come
record_assessment  what a review of them would come to
"""
