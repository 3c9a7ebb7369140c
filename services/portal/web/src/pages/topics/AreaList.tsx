// What a community has of one kind, newest first, as cards; the area is chosen in the address.
import type { ReactNode } from "react";
import { useSearchParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import type { WordKey } from "../../app/words/index.ts";
import { EmptyNote, Notice } from "../../components/Notice.tsx";
import { PagedList } from "../../components/PagedList.tsx";
import { usePages } from "../../rpc/usePages.ts";
import { AreaChoice, DeliberationTabs } from "./DeliberationTabs.tsx";
import "../lists.css";
import "./topics.css";

interface AreaListProps<Row> {
  /** Its address, and where its phrases are. */
  name: "topics" | "agendas" | "meetings" | "procedures" | "resolutions";
  about?: WordKey;
  empty?: WordKey;
  /** What it is chosen by besides its area. */
  by?: string | number;
  read: (areaCode: string, pageToken: string, signal: AbortSignal) => Promise<{ rows: Row[]; nextPageToken: string }>;
  /** Further choices, and what may be begun in the area. */
  beside?: (area: string, reload: () => void) => ReactNode;
  card: (row: Row) => ReactNode;
  /** What the cards stand in, where they need something together. */
  around?: (rows: readonly Row[], cards: ReactNode) => ReactNode;
}

export function AreaList<Row>({ name, about, empty = `${name}.empty`, by = "", read, beside, card, around = (_, cards) => cards }: AreaListProps<Row>) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const { areaName } = useReference();
  const [query, setQuery] = useSearchParams();
  const own = permits.areasOf("topic.read")[0] ?? "";
  const area = query.get("area") || own;
  const title = t(`${name}.title`, { area: areaName(area) });
  usePageTitle(title);
  const list = usePages(own === "" ? undefined : `${name}:${area}:${by}`, (pageToken, signal) => read(area, pageToken, signal));
  if (own === "") return <Notice title={t("topics.noPost")} action={{ label: t("state.home"), to: "/" }} />;

  const choose = (value: string) => {
    const next = new URLSearchParams(query);
    next.set("area", value);
    setQuery(next, { replace: true });
  };
  return (
    <div className="page" data-testid={name}>
      <DeliberationTabs area={area} />
      <div className="page-head list-head">
        <h1>{title}</h1>
        <div className="list-filters">
          <AreaChoice value={area} onChange={choose} />
          {beside?.(area, list.reload)}
        </div>
      </div>
      {about && <p className="quiet">{t(about)}</p>}
      <PagedList list={list}>
        {(rows) =>
          rows.length === 0 ? (
            <div className="panel">
              <EmptyNote>{t(empty)}</EmptyNote>
            </div>
          ) : (
            around(rows, <ul className="cards">{rows.map(card)}</ul>)
          )
        }
      </PagedList>
    </div>
  );
}
