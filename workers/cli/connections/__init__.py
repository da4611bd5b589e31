"""Who else is connected: senders of HL7 v2 (`hl7`) and of files (`watch`), a server that gives tokens (`smart`), one that tells
of changes (`subscription_commands`).
"""
