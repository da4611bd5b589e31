"""The decision core: facts and a date in, a decision out. Pure: no clock, no network, no FHIR code."""
