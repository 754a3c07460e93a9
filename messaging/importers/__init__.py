"""Files to domain records and a report. No database."""
