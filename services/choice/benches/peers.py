"""What the peers take: each call prints the seconds of the work itself, without loading and reading, and what came out."""

import csv
import sys
import time


def shares(file):
    from pabutools.election import Cost_Sat, parse_pabulib
    from pabutools.rules import method_of_equal_shares

    instance, profile = parse_pabulib(file)
    start = time.perf_counter()
    outcome = method_of_equal_shares(instance, profile, sat_class=Cost_Sat, voter_budget_increment=1)
    return time.perf_counter() - start, ",".join(sorted(project.name for project in outcome))


def maximin(folder, k):
    from sortition_algorithms.committee_generation.maximin import find_distribution_maximin
    from sortition_algorithms.features import read_in_features
    from sortition_algorithms.people import read_in_people
    from sortition_algorithms.settings import Settings

    with open(f"{folder}/categories.csv", encoding="utf-8", newline="") as file:
        quotas = [
            {"feature": row["category"], "value": row["feature"], "min": row["min"], "max": row["max"]}
            for row in csv.DictReader(file)
        ]
    with open(f"{folder}/respondents.csv", encoding="utf-8", newline="") as file:
        people = [{"id": str(row), **person} for row, person in enumerate(csv.DictReader(file))]
    features, *_ = read_in_features(["feature", "value", "min", "max"], quotas, int(k))
    settings = Settings(id_column="id", columns_to_keep=[])
    pool, _ = read_in_people(list(people[0]), people, features, settings)
    start = time.perf_counter()
    panels, weights, _ = find_distribution_maximin(features, pool, int(k), [], "highspy")
    took = time.perf_counter() - start
    chances = {person["id"]: 0.0 for person in people}
    for panel, weight in zip(panels, weights):
        for person in panel:
            chances[person] += weight
    return took, f"{min(chances.values()):.6f}"


def opinion(file):
    from reddwarf.implementations.polis import run_pipeline

    with open(file, encoding="utf-8", newline="") as votes:
        votes = [
            {"participant_id": int(row["participant"]), "statement_id": int(row["statement"]), "vote": int(row["vote"])}
            for row in csv.DictReader(votes)
        ]
    start = time.perf_counter()
    result = run_pipeline(votes=votes)
    took = time.perf_counter() - start
    return took, str(len(set(result.clusterer.labels_)))


seconds, answer = {"shares": shares, "maximin": maximin, "opinion": opinion}[sys.argv[1]](*sys.argv[2:])
print(f"took {seconds} {answer}")
