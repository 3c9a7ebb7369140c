#!/usr/bin/env python3
"""Recomputes what a community decided from the public exports alone. Needs Python 3.10 and nothing else; knows no line of Gongzhi.

    recompute.py ballot RECORD.json DIGEST    counts a ballot again and compares count, outcome and digest

Prints what was found; ends with 1 where something does not agree.
"""

import hashlib
import json
import sys
from fractions import Fraction


class Differs(Exception):
    """What was published and what follows from it are not the same."""


def agree(what, published, computed):
    if published != computed:
        raise Differs(f"{what}: published {published!r}, computed {computed!r}")


def reached(part, whole, share):
    """True when part/whole reaches a share: more than it, or as much where that suffices."""
    if part == 0 or whole == 0:
        return False
    wanted = Fraction(share["numerator"], share["denominator"])
    return Fraction(part, whole) > wanted if share["more"] else Fraction(part, whole) >= wanted


def ballot(text, digest):
    agree("digest", digest, hashlib.sha256(text.encode()).hexdigest())
    record = json.loads(text)
    electors, rule = record["electors"], record["threshold"]
    agree("numbers", [elector["number"] for elector in electors], list(range(1, len(electors) + 1)))
    if record["secrecy"] == "open":
        votes = [(elector["area"], elector.get("choice")) for elector in electors]
    else:
        papers = record["papers"]
        if len(papers) > len(electors):
            raise Differs(f"{len(papers)} papers of {len(electors)} electors")
        votes = [(0, paper) for paper in papers] + [(0, None)] * (len(electors) - len(papers))
    took_part = [(area, choice) for area, choice in votes if choice is not None]
    approved = [area for area, choice in took_part if choice == "for"]
    count = {
        "total_heads": len(votes),
        "part_heads": len(took_part),
        "for_heads": len(approved),
        "against_heads": sum(choice == "against" for _, choice in took_part),
        "total_area": sum(area for area, _ in votes),
        "part_area": sum(area for area, _ in took_part),
        "for_area": sum(approved),
    }
    agree("count", record["count"], count)

    def both(share, part, whole):
        heads = reached(count[part + "_heads"], count[whole + "_heads"], share)
        return heads and (not rule["by_area"] or reached(count[part + "_area"], count[whole + "_area"], share))

    if not both(rule["quorum"], "part", "total"):
        outcome = "no_quorum"
    elif both(rule["approval"], "for", "part"):
        outcome = "adopted"
    else:
        outcome = "rejected"
    agree("outcome", record["outcome"], outcome)
    return f"{count['for_heads']} of {count['part_heads']} heads for it, {count['total_heads']} on the roll: {outcome}"


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def main(arguments):
    match arguments:
        case ["ballot", path, digest]:
            print(ballot(read(path), digest))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Differs as differs:
        print(f"does not agree: {differs}", file=sys.stderr)
        sys.exit(1)
