"""One exchange with a server, and what may go wrong with it.

http_options        how to reach it
sessions            the connections that stay open
in_flight           how many requests may be under way at once
deadline            how long it may take as a whole
network_faults      what it means when no answer comes, or a part of one
"""
