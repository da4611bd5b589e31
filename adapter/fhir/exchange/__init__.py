"""What may go wrong with one exchange with a server.

deadline            how long it may take as a whole
network_faults      what it means when no answer comes, or a part of one
"""
