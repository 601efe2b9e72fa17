"""What the rules ask of a commissioned case: one list of items for its route, value, date and part of the UK. Pure.

Money is in pence with VAT. Nothing here is legal advice: `sure=False` marks what a body has to check itself. The notices
are those of one contract: UK13 to UK16 are about dynamic markets and UK17 about the payments of a whole body.
"""
