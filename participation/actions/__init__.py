"""Every change to the world of people and talk. Order: lock, re-read, may_*, rules, write, audit, announce."""
