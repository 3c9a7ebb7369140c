// The catalogue of facts. It is made with the program and does not change while that runs, so it is read once.
import type { CatalogueFact, GetFactResponse } from "../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { catalogue } from "./exchange.ts";
import { type Query, useQuery } from "./useQuery.ts";

let known: readonly CatalogueFact[] | undefined;
const details = new Map<string, GetFactResponse>();

/** All facts in the order of their names. */
export function useCatalogue(): Query<readonly CatalogueFact[]> {
  return useQuery("catalogue", async (signal) => {
    known ??= await readAll(signal);
    return known;
  });
}

/** The facts of these names with their fields; no name reads nothing. */
export function useFacts(names: readonly string[]): Query<GetFactResponse[]> {
  return useQuery(names.length > 0 ? `facts:${names.join(" ")}` : undefined, (signal) => Promise.all(names.map((name) => readFact(name, signal))));
}

async function readFact(fact: string, signal: AbortSignal): Promise<GetFactResponse> {
  const found = details.get(fact) ?? (await catalogue.getFact({ fact }, { signal }));
  details.set(fact, found);
  return found;
}

async function readAll(signal: AbortSignal): Promise<CatalogueFact[]> {
  const found: CatalogueFact[] = [];
  let pageToken = "";
  do {
    const page = await catalogue.listFacts({ pageSize: 200, pageToken }, { signal });
    found.push(...page.facts);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return found;
}
