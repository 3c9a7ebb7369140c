// What people have in common, before what divides them: clear majorities, what all groups are on one side of, and what brings people together.
import type { ReactNode } from "react";
import { useSpeech } from "../../app/language.tsx";
import { Mark } from "../../components/Mark.tsx";
import { Panel } from "../../components/Panel.tsx";
import { acrossGroups, bridgingMost, halvesOf, sidesOf } from "../../format/opinionMap.ts";
import { scoreInWords, withheldInWords } from "../../format/opinions.ts";
import type { MapStatement, OpinionMap } from "../../gen/gongzhi/deliberation/v1/conversation_pb.ts";
import { CountBar } from "./CountBar.tsx";

const SHOWN = 5;

export function TogetherPanel({ map }: { map: OpinionMap }) {
  const { t, language } = useSpeech();
  const clear = sidesOf(map, map.consensus);
  const across = acrossGroups(map, SHOWN);
  const bridging = bridgingMost(map.statements, SHOWN);
  return (
    <Panel title={t("map.together")} note={t("map.togetherNote")} testId="together">
      <div className="together">
        <Block title={t("map.consensus")} testId="consensus">
          {clear.length === 0 && <p className="quiet">{t(map.participants === 0 ? "map.withheld.ten" : "map.consensusNone")}</p>}
          {clear.map((one) => (
            <Item key={one.statement.number} {...one} />
          ))}
        </Block>
        {map.participants > 0 && (
          <Block title={t("map.across")} note={map.groupsWithheld ? withheldInWords(map.groupsWithheld, language) : t("map.acrossNote", { least: scoreInWords(halvesOf(map.groups.length)) })} testId="across">
            {across.length === 0 && !map.groupsWithheld && <p>{t("map.acrossNone")}</p>}
            {across.map((one) => (
              <Item key={one.statement.number} {...one} />
            ))}
          </Block>
        )}
        {bridging.length > 0 && (
          <Block title={t("map.bridging")} note={t("map.bridgingNote")} testId="bridging">
            {bridging.map(({ statement, score }) => (
              <p key={statement.number} className="opinion opinion-short">
                <span className="opinion-text">{statement.text}</span>
                <span className="quiet">{scoreInWords(score)}</span>
              </p>
            ))}
          </Block>
        )}
      </div>
    </Panel>
  );
}

function Block({ title, note, testId, children }: { title: string; note?: string; testId: string; children: ReactNode }) {
  return (
    <section className="stack" data-testid={testId}>
      <h3>{title}</h3>
      {note && <p className="quiet">{note}</p>}
      <div className="stack">{children}</div>
    </section>
  );
}

function Item({ statement, agree, score }: { statement: MapStatement; agree: boolean; score?: number }) {
  const { t } = useSpeech();
  return (
    <article className="opinion">
      <p className="row">
        <SideMark agree={agree} word={agree ? "map.mostlyAgree" : "map.mostlyDisagree"} />
        {score !== undefined && <span className="quiet">{t("map.score", { value: scoreInWords(score) })}</span>}
      </p>
      <p className="opinion-text">{statement.text}</p>
      <CountBar count={statement.count} />
    </article>
  );
}

export function SideMark({ agree, word }: { agree: boolean; word: "map.mostlyAgree" | "map.mostlyDisagree" | "map.sideAgree" | "map.sideDisagree" }) {
  const { t } = useSpeech();
  return <Mark tone={agree ? "good" : "warn"}>{t(word)}</Mark>;
}
