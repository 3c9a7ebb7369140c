// The picture of the map and beside it the same as a table. What is pointed at in one is marked in the other.
import { Button } from "antd";
import { useState } from "react";
import { useSpeech } from "../../app/language.tsx";
import { type Column, DataTable, type Order } from "../../components/DataTable.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { Panel } from "../../components/Panel.tsx";
import { acrossOf, sortStatements, type StatementOrder } from "../../format/opinionMap.ts";
import { scoreInWords } from "../../format/opinions.ts";
import type { MapStatement, OpinionMap } from "../../gen/gongzhi/deliberation/v1/conversation_pb.ts";
import { CountBar } from "./CountBar.tsx";
import { MapPicture } from "./MapPicture.tsx";

const SHOWN = 30;

export function MapPart({ map }: { map: OpinionMap }) {
  const { t } = useSpeech();
  const [picked, setPicked] = useState<number>();
  const shown = map.statements.find((statement) => statement.number === picked);
  return (
    <div className="map-columns">
      <Panel title={t("map.picture")} note={t("map.pictureNote")} testId="map-picture">
        {map.statements.some((statement) => statement.point) ? (
          <div className="stack">
            <MapPicture map={map} picked={picked} onPick={setPicked} />
            <div className="map-picked" aria-live="polite" data-testid="map-picked">
              {shown ? (
                <>
                  <p>
                    <strong>{shown.number}</strong> {shown.text}
                  </p>
                  <CountBar count={shown.count} />
                </>
              ) : (
                <p className="quiet">{t("map.pick")}</p>
              )}
            </div>
            <p className="quiet">{t("map.pictureHow")}</p>
          </div>
        ) : (
          <EmptyNote>{t("map.pictureNone")}</EmptyNote>
        )}
      </Panel>
      <StatementsTable statements={map.statements} picked={picked} onPick={setPicked} />
    </div>
  );
}

interface StatementsTableProps {
  statements: readonly MapStatement[];
  picked: number | undefined;
  onPick: (number: number) => void;
}

function StatementsTable({ statements, picked, onPick }: StatementsTableProps) {
  const { t } = useSpeech();
  const [order, setOrder] = useState<Order<StatementOrder>>({ by: "number", descending: false });
  const [most, setMost] = useState(SHOWN);
  const none = <span className="quiet">–</span>;
  const score = (value: number | undefined) => (value === undefined ? none : scoreInWords(value));
  const columns: Column<MapStatement, StatementOrder>[] = [
    {
      key: "number",
      title: t("map.statement"),
      sortable: true,
      render: (row) => (
        <div className={row.number === picked ? "map-row map-row-picked" : "map-row"}>
          <button type="button" className="map-number" onClick={() => onPick(row.number)} disabled={!row.point} aria-pressed={row.number === picked}>
            {row.number}
          </button>
          <div className="stack">
            <span className="opinion-text">
              {row.text} {row.seed && <span className="quiet">{t("say.seed")}</span>}
            </span>
            <CountBar count={row.count} />
          </div>
        </div>
      ),
    },
    { key: "agree", title: t("judgement.agree"), numeric: true, sortable: true, wideOnly: true, render: (row) => row.count?.agree ?? none },
    { key: "disagree", title: t("judgement.disagree"), numeric: true, sortable: true, wideOnly: true, render: (row) => row.count?.disagree ?? none },
    { key: "across", title: t("map.acrossColumn"), numeric: true, sortable: true, render: (row) => score(acrossOf(row)) },
    { key: "bridging", title: t("map.bridgingColumn"), numeric: true, sortable: true, render: (row) => score(row.bridging) },
  ];
  return (
    <Panel title={t("map.table")} testId="map-table">
      {statements.length === 0 && <EmptyNote>{t("map.tableNone")}</EmptyNote>}
      <div className="stack">
        {statements.length > 0 && (
          <DataTable label={t("map.table")} columns={columns} rows={sortStatements(statements, order.by, order.descending).slice(0, most)} rowKey={(row) => String(row.number)} order={order} onOrder={setOrder} />
        )}
        {statements.length > most && <Button onClick={() => setMost(most + SHOWN)}>{t("state.more")}</Button>}
      </div>
    </Panel>
  );
}
