"""People and teams as the server's directory knows them.

recipients      the GP to whom the letter goes
clinicians      by whose name it goes
release_team    who may release here
"""
