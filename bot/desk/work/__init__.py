"""What agents do beside talking: notes, tags, canned replies, cases, coupons, returns, look-ups."""
