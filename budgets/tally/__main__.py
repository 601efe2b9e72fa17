"""`python -m budgets.tally FILE [--rule PRESET|JSON] [--json] [--trace FILE] [--compare RULE …] [--analyse]`: count a file.

`python -m budgets.tally --stdin-json`: read {"election": …, "rule": …} and write the tally as JSON.
A file or rule that cannot be read: exit code 2 and one line on stderr.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from budgets.tally import one_thread  # noqa: F401  first of all
from budgets.tally.count import Tally, count, count_traced
from budgets.tally.election import Election
from budgets.tally.explain import money, sentence
from budgets.tally.pb import PbError, read_election
from budgets.tally.rules import PRESETS, Rule


def rule_named(text: str) -> Rule:
    """A preset's name or a rule as JSON. Refuses with ValueError."""
    if text in PRESETS:
        return PRESETS[text]
    if not text.lstrip().startswith("{"):
        raise ValueError(f"rule: {text!r} is none of {', '.join(sorted(PRESETS))}")
    try:
        return Rule.from_json(json.loads(text))
    except (json.JSONDecodeError, TypeError) as error:
        raise ValueError(f"rule: {error}") from error


def fitted(rule: Rule, meta: Mapping[str, str]) -> Rule:
    """`greedy-threshold` takes its threshold from the file where the file states one."""
    stated = meta.get("min_project_score_threshold", "")
    if rule == PRESETS["greedy-threshold"] and stated.isdecimal() and stated.isascii():
        return replace(rule, threshold=int(stated))
    return rule


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tally", description="Count a participatory-budgeting election exactly.")
    parser.add_argument("file", nargs="?", help="a Pabulib .pb or .pb.gz file")
    parser.add_argument("--rule", default="equal-shares", help="a preset or a rule as JSON (default: equal-shares)")
    parser.add_argument("--json", action="store_true", help="print the whole tally as one JSON object")
    parser.add_argument("--compare", nargs="+", default=[], metavar="RULE", help="count by these rules too")
    parser.add_argument("--analyse", action="store_true", help="say more: votes needed, who paid for what, margins, …")
    parser.add_argument("--trace", help="write the trace that verify.py checks to this file")
    parser.add_argument("--stdin-json", action="store_true", help='read {"election", "rule"} from stdin, print JSON')
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    command = parser()
    options = command.parse_args(arguments)
    if not options.file and not options.stdin_json:
        command.error("a file is needed")
    try:
        if options.stdin_json:
            return write_json(count_document(json.load(sys.stdin), options.trace))
        rules = [rule_named(text) for text in [options.rule, *options.compare]]
        return count_file(options.file, rules, options.json, options.trace, options.analyse)
    except (PbError, ValueError, OverflowError, OSError, RecursionError) as error:
        sys.stderr.write(" ".join(str(error).split()) + "\n")
        return 2


def count_document(document: Any, trace: str | None) -> Tally:
    try:
        election, rule = Election.from_json(document["election"]), Rule.from_json(document["rule"])
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError(f"not an election and a rule: {error!r}") from error
    return keep_trace(trace, count_traced(election, rule))


def keep_trace(path: str | None, counted: tuple[Tally, Iterator[str]]) -> Tally:
    tally, lines = counted
    if path:
        with Path(path).open("w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)
    return tally


def count_file(path: str, rules: list[Rule], as_json: bool, trace: str | None, analysed: bool) -> int:
    """The first rule decides; with more than one, its tally carries the others' under `compared`."""
    election, reader = read_election(path)
    first, *others = [fitted(rule, reader.meta) for rule in rules]
    tally = keep_trace(trace, count_traced(election, first))
    compared = [count(election, rule) for rule in others]
    analysis = analysis_of(election, first, tally, compared, as_json) if analysed else {}
    for repair in reader.repairs:
        sys.stderr.write(repair + "\n")
    if as_json:
        return write_json(tally, compared, analysis)
    currency = reader.meta.get("currency", "GBP")
    lines = [result_line(tally, currency)]
    rows = sorted(tally.projects, key=lambda row: (row["order"] or len(tally.projects), -row["votes"], row["id"]))
    names = {row["id"]: row["name"] for row in rows}
    for row in rows:
        lines += [f"{row['id']}  {row['name']}\n    {sentence(row, currency)}"]
        lines += [f"    {more}" for more in analysis_lines(row, analysis, names, currency)]
    lines += outcome_lines(analysis, names, currency)
    if compared:
        lines += [summary(each, currency) for each in (tally, *compared)]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def analysis_of(election: Election, rule: Rule, tally: Tally, others: Sequence[Tally], exact: bool) -> dict[str, Any]:
    # Late: most counts need none of it.
    from budgets.tally.analysis import analyse

    return analyse(election, rule, tally, exact, others=others)


def analysis_lines(
    row: Mapping[str, Any], analysis: Mapping[str, Any], names: Mapping[str, str], currency: str
) -> list[str]:
    if not analysis or row["selected"]:
        return []
    from budgets.tally.explain_analysis import about

    return about(row, analysis, names, currency)


def outcome_lines(analysis: Mapping[str, Any], names: Mapping[str, str], currency: str) -> list[str]:
    if not analysis:
        return []
    from budgets.tally.explain_analysis import about_outcome

    return about_outcome(analysis, names, currency)


def result_line(tally: Tally, currency: str) -> str:
    number = len(tally.selected)
    return f"{tally.rule}: {number} {'project' if number == 1 else 'projects'}, {money(tally.cost, currency)}"


def summary(tally: Tally, currency: str) -> str:
    served, voters = tally.statistics["voters_with_winner"], tally.n_ballots
    return f"{result_line(tally, currency)}, {served:,} of {voters:,} voters with a winner"


def write_json(tally: Tally, compared: Sequence[Tally] = (), analysis: Mapping[str, Any] | None = None) -> int:
    document = tally.to_json()
    if analysis:
        document["analysis"] = analysis
    if compared:
        document["compared"] = [other.to_json() for other in compared]
    sys.stdout.write(json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
