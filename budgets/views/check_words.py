"""What the check in the browser says: the scripts know codes and figures, the words are here, where they are translated."""

from django.utils.translation import gettext as _


def steps() -> list[tuple[str, str]]:
    """What is checked, one after the other: name for the scripts, sentence."""
    return [
        ("read", _("The files are here and can be read")),
        ("files", _("No file differs from the signed list")),
        ("board", _("The board is one unbroken chain, rightly signed, and its numbers add up")),
        ("ballots", _("The ballots are exactly the ones that were sealed, and each follows the rules")),
        ("votes", _("The votes, added up again, are the published ones, and so are the winners")),
    ]


def words() -> dict[str, str]:
    """Sentences by code; %(name)s stands for a figure or the name of a file."""
    return {
        # while it works
        "choose_first": _("Choose the files first."),
        "working": _("Checking: %(step)s"),
        "step_done": _("Holds"),
        "step_wrong": _("Does not hold"),
        # the end
        "right_title": _("Everything checked here holds"),
        "right": _("%(ballots)s ballots count; %(replaced)s were replaced by their voters and %(struck)s struck out."),
        "fingerprint": _("The board's last fingerprint: %(head)s"),
        "line_of": _("%(name)s, line %(line)s"),
        "your_receipt": _("your receipt"),
        **{f"item_{name}": _("the files") for name in ("read", "files", "board", "ballots", "votes")},
        "wrong_title": _("Something is wrong: %(item)s"),
        "wrong_what_now": _(
            "Check once more with freshly loaded files. If it stays, save the files and show them to the organisers "
            "and to others: this must not happen."
        ),
        "seen_right": _("The fingerprint that you noted is on the board."),
        "receipt_right": _("Your receipt: your ballot is among those that count, in line %(line)s of ballots.jsonl."),
        "receipt_replaced": _("Your receipt: this ballot was replaced, because its voter changed the vote later."),
        "receipt_struck": _("Your receipt: this ballot was struck out. The board says why."),
        # what may be wrong
        "unreadable": _("It could not be read. Is your connection all right?"),
        "no_bundle": _("These are not the files of a ballot box: manifest.json is missing."),
        "bad_zip": _("This ZIP cannot be read here. Unpack it and choose its files."),
        "zip_folders": _("This ZIP holds several folders, or two files of one name. Unpack it and choose its files."),
        "named_twice": _("There are two files of this name. Choose the files of one ballot box only."),
        "missing": _("It is missing."),
        "not_listed": _("It is not on the signed list."),
        "differs": _("It differs from the signed list."),
        "not_utf8": _("It is not text as it should be."),
        "spelling": _("It is not written as it should be."),
        "manifest_signature": _("The signature of the list is not that of the round's key."),
        "other_files": _("The list names other files than belong to a ballot box."),
        "other_round": _("It belongs to another round."),
        "other_fields": _("It has other parts than a line of the board."),
        "numbering": _("The numbers of the lines do not run on."),
        "chain": _("It does not follow from the line before."),
        "hash": _("Its fingerprint is wrong."),
        "order": _("Such a line may not stand at this place."),
        "signature": _("Its signature is wrong."),
        "leaves": _("The codes in it are not in order."),
        "root": _("The fingerprint of its codes is wrong."),
        "sealed_twice": _("A code was sealed twice."),
        "never_sealed": _("It names a code that was never sealed."),
        "not_standing": _("It strikes out a ballot that did not stand."),
        "no_reason": _("It strikes out a ballot without a reason."),
        "balance": _("The numbers of voters and ballots do not add up."),
        "other_ballots": _("It counts other ballots than the ones that stand."),
        "two_results": _("It gives another result of the same ballots."),
        "pots": _("It does not give a result for every pot, once."),
        "no_end": _("It does not end with the destruction of the key."),
        "no_head": _("It does not end where the signed list says."),
        "other_rules": _("These are not the rules under which the box was opened."),
        "no_revising": _("Ballots were replaced, which the rules forbid."),
        "leaf": _("Its code does not follow from what it holds."),
        "leaf_order": _("A ballot is there twice, or they are out of order."),
        "not_sealed": _("It was never sealed, or the board says that it was replaced or struck out."),
        "forbidden": _("It is not a ballot that the rules allow."),
        "ballots_missing": _("%(number)s ballots that the board sealed are missing."),
        "counted_others": _("The count of “%(pot)s” was not made from these ballots."),
        "counted_otherwise": _("It names another rule for the count of “%(pot)s” than the one fixed before the vote."),
        "csv_table": _(
            "It is not a table: a line is longer or shorter than the first, or not written as it should be."
        ),
        "csv_columns": _("It has other columns than the table of a result."),
        "csv_lines": _("It has %(lines)s lines, but there are %(number)s projects."),
        "csv_projects": _("It does not list every project of “%(pot)s” once."),
        "csv_row": _("It says something else of “%(project)s” than the rules and the board."),
        "csv_votes": _("“%(project)s” has %(votes)s votes; the table says %(said)s."),
        "csv_points": _("“%(project)s” has %(points)s points; the table says %(said)s."),
        "seen_wrong": _("The fingerprint that you noted is not on this board."),
        "receipt_wrong": _("Your receipt is not on this board. Is it of this round, and every character right?"),
        "malformed": _("It is not in order (%(error)s)."),
    }
