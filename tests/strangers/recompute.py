#!/usr/bin/env python3
"""Recomputes what a community decided from the public exports alone. Needs Python 3.10 and nothing else; knows no line of Gongzhi.

    recompute.py ballot RECORD.json DIGEST    counts a ballot again and compares count, outcome and digest
    recompute.py draw RECORD.json DIGEST      finds the drawn panel from tickets that were published before, with chances and quotas; DIGEST is that of the tickets
    recompute.py fund RECORD.json DIGEST      spends a fund again by equal shares, exactly, and compares what is paid for and by whom

Prints what was found; ends with 1 where something does not agree.
"""

import csv
import hashlib
import io
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


def sheet(text, digest, volunteers):
    """Tickets of a published text: for each the set of volunteers on its panel."""
    agree("digest of the tickets", digest, hashlib.sha256(text.encode()).hexdigest())
    tickets = []
    for line in text.splitlines():
        number, *rows = line.split(" ")
        agree("number of a ticket", int(number), len(tickets))
        tickets.append(frozenset(volunteers[int(row)] for row in rows))
    return tickets


def drawn(tickets, record):
    ticket = int(record["number"]) % len(tickets)
    agree("ticket", record["ticket"], ticket)
    agree("panel", sorted(record["panel"]), sorted(tickets[ticket]))
    return tickets[ticket]


def draw(text, digest):
    record = json.loads(text)
    volunteers = record["volunteers"]
    agree("digest", record["tickets_sha256"], digest)
    tickets = sheet(record["tickets"], digest, volunteers)
    for volunteer, chance in zip(volunteers, record["chances"]):
        has = sum(volunteer in panel for panel in tickets) / len(tickets)
        if abs(has - chance) > record["lottery_error"] + 1e-6:
            raise Differs(f"volunteer {volunteer} has a chance of {has}, {chance} was published")
    if any(len(panel) != record["seats"] for panel in tickets):
        raise Differs("a ticket has more or fewer members than there are seats")
    if record["draw"] is None:
        return f"{len(tickets)} tickets, not drawn yet"
    panel = drawn(tickets, record["draw"])
    for replacement in record["replacements"]:
        if replacement["draw"] is None:
            continue
        left = set(replacement["left"])
        if not left <= panel:
            raise Differs(f"{sorted(left - panel)} left without having been members")
        tickets = sheet(replacement["tickets"], replacement["tickets_sha256"], volunteers)
        panel = drawn(tickets, replacement["draw"])
        if left & panel:
            raise Differs(f"{sorted(left & panel)} left and are members again")
    if not record["replacements"]:
        for category in record["categories"]:
            members = [feature["members"] for feature in category["features"]]
            agree(f"members by {category['name']}", sum(members), record["seats"])
            for feature in category["features"]:
                if not feature["min"] <= feature["members"] <= feature["max"]:
                    raise Differs(f"the quota of {feature['feature']} is not met")
    return f"{len(tickets)} tickets, number {record['draw']['number']}: members {sorted(panel)}"


def pabulib(text):
    """Budget, projects and ballots of a file of Pabulib."""
    section, head, budget, projects, ballots = None, None, None, {}, []
    for row in csv.reader(io.StringIO(text), delimiter=";"):
        if row in (["META"], ["PROJECTS"], ["VOTES"]):
            section, head = row[0], None
        elif head is None:
            head = row
        else:
            values = dict(zip(head, row))
            if section == "META" and values["key"] == "budget":
                budget = Fraction(values["value"])
            elif section == "PROJECTS":
                projects[values["project_id"]] = values
            elif section == "VOTES":
                ballots.append([wanted for wanted in values["vote"].split(",") if wanted])
    return budget, projects, ballots


def payments(supporters, money, cost):
    """What supporters pay who pay alike as far as their money goes; none where it does not suffice. Also what the richest of them pays."""
    left, by_money = cost, sorted(supporters, key=lambda voter: money[voter])
    for poorer, voter in enumerate(by_money):
        each = left / (len(by_money) - poorer)
        if money[voter] >= each:
            return {payer: min(money[payer], each) for payer in supporters}, each
        left -= money[voter]
    return None


def equal_shares(each, projects, ballots):
    """Projects in the order in which they are bought when everybody has as much, with what each ballot pays: the method of equal shares, with what a project costs as its use."""
    money = [each] * len(ballots)
    wanted_by = {project: [voter for voter, ballot in enumerate(ballots) if project in ballot] for project in projects}
    bought, groups = {}, set()
    while True:
        best = None
        for project, values in projects.items():
            group, cost = values["exclusion_group"], Fraction(values["cost"])
            if project in bought or (group and group in groups):
                continue
            paid = payments(wanted_by[project], money, cost) if wanted_by[project] else None
            if paid:
                order = (paid[1] / cost, cost, -len(wanted_by[project]), project)
                best = min(best, (order, project, paid[0]), key=lambda one: one[0]) if best else (order, project, paid[0])
        if best is None:
            return bought
        _, project, paid = best
        bought[project] = paid
        groups.add(projects[project]["exclusion_group"])
        for voter, amount in paid.items():
            money[voter] -= amount


def cost_of(chosen, projects):
    return sum((Fraction(projects[project]["cost"]) for project in chosen), Fraction(0))


def with_more_each(budget, projects, ballots):
    """Equal shares with a whole unit more for each ballot as long as the outcome stays within the budget, until nothing that is wanted fits in any more."""
    wanted, each, kept = {project for ballot in ballots for project in ballot}, budget / len(ballots), None
    while True:
        bought = equal_shares(each, projects, ballots)
        left = budget - cost_of(bought, projects)
        if left < 0:
            return kept
        groups = {projects[project]["exclusion_group"] for project in bought} - {""}
        fits = [
            project
            for project, values in projects.items()
            if project in wanted
            and project not in bought
            and values["exclusion_group"] not in groups
            and Fraction(values["cost"]) <= left
        ]
        if not fits:
            return bought
        kept, each = bought, each + 1


def fund(text, digest):
    agree("digest", digest, hashlib.sha256(text.encode()).hexdigest())
    record = json.loads(text)
    budget, projects, ballots = pabulib(record["pabulib"])
    projects = {project: values for project, values in projects.items() if values["withdrawn"] != "1"}
    ballots = [[project for project in ballot if project in projects] for ballot in ballots]
    if "--rule mes_cost_add1 " not in record["compute"]:
        raise Differs(f"this program knows equal shares with add1 only, not {record['compute']}")
    bought = with_more_each(budget, projects, ballots)
    number = {project: int(project.split(".")[-1]) for project in projects}
    outcome = record["outcome"]
    agree("what is paid for", outcome["winners"], [number[project] for project in bought])
    agree("what it costs, in fen", outcome["total_fen"], int(100 * cost_of(bought, projects)))
    for told, (project, paid) in zip(outcome["rounds"], bought.items()):
        published = {}
        for share in told["payments"]:
            published.update({ballot: Fraction(share["yuan"]) for ballot in share["ballots"]})
        mine = {voter + 1: amount for voter, amount in paid.items() if amount}
        agree(f"who pays for project {number[project]}", {k: v for k, v in published.items() if v}, mine)
    return f"{len(ballots)} ballots pay {float(cost_of(bought, projects)):.2f} of {float(budget):.2f} yuan for projects {outcome['winners']}"


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def main(arguments):
    match arguments:
        case ["ballot" | "draw" | "fund" as what, path, digest]:
            print({"ballot": ballot, "draw": draw, "fund": fund}[what](read(path), digest))
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
