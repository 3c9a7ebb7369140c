// A fact by its title, with a way to the catalogue; by its name where the catalogue is not read yet.
import { Link } from "react-router";
import { type Language, pick } from "../app/words/index.ts";
import { useSpeech } from "../app/language.tsx";
import type { CatalogueFact } from "../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { useCatalogue } from "../rpc/useCatalogue.ts";

/** The title of a fact in the language of the page; English ones begin with a small letter in the contract. */
export function titleOf(fact: Pick<CatalogueFact, "titleZh" | "titleEn">, language: Language): string {
  const title = pick(language, [fact.titleZh, fact.titleEn]);
  return title.charAt(0).toUpperCase() + title.slice(1);
}

/** Titles behind names of facts. */
export function useFactTitles(): (name: string) => string {
  const { language } = useSpeech();
  const facts = useCatalogue().data;
  return (name) => {
    const found = facts?.find((one) => one.fact === name);
    return found ? titleOf(found, language) : name;
  };
}

export function FactName({ name }: { name: string }) {
  const title = useFactTitles()(name);
  return (
    <span className="fact-name">
      <Link to={`/catalogue/${encodeURIComponent(name)}`}>{title}</Link> {title !== name && <span className="quiet code">{name}</span>}
    </span>
  );
}
