"""The outreach queue and the daily report: whom to phone today, and why."""
