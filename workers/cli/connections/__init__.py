"""The commands about connected systems.

Senders of HL7 v2 (`hl7`) and of files (`watch`), a token server (`smart`), and a server that tells of changes
(`subscription_commands`).
"""
