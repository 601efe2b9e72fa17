"""Every change to the world of money and decisions. Order: lock, re-read, may_*, rules, write, audit, announce."""
