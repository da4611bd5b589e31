"""The real servers that tests run against, each started once and stopped for certain."""
