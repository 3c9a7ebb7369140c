// Groups of people who judge alike: how many, and what each says more than others. Or in words why none are told.
import { useSpeech } from "../../app/language.tsx";
import { Panel } from "../../components/Panel.tsx";
import { sidesOf } from "../../format/opinionMap.ts";
import { groupLetter, scoreInWords, withheldInWords } from "../../format/opinions.ts";
import type { MapGroup, OpinionMap } from "../../gen/gongzhi/deliberation/v1/conversation_pb.ts";
import { SideMark } from "./TogetherPanel.tsx";

export function GroupsPanel({ map }: { map: OpinionMap }) {
  const { t, language } = useSpeech();
  return (
    <Panel title={t("map.groups")} note={t("map.groupsNote")} testId="groups">
      {map.groupsWithheld ? (
        <div className="stack" data-testid="groups-withheld">
          <strong>{t("map.withheld")}</strong>
          <p>{withheldInWords(map.groupsWithheld, language)}</p>
        </div>
      ) : (
        <div className="stack">
          <ul className="groups">
            {map.groups.map((group, nth) => (
              <Group key={nth} map={map} group={group} nth={nth} />
            ))}
          </ul>
          {map.silhouette !== undefined && <p className="quiet">{t("map.silhouette", { value: scoreInWords(map.silhouette) })}</p>}
          <p className="quiet">{map.stability === undefined ? t("map.stabilityNone") : t("map.stability", { value: scoreInWords(map.stability) })}</p>
        </div>
      )}
    </Panel>
  );
}

function Group({ map, group, nth }: { map: OpinionMap; group: MapGroup; nth: number }) {
  const { t } = useSpeech();
  const sides = sidesOf(map, group.representative);
  return (
    <li className="stack group" data-testid={`group-${groupLetter(nth)}`}>
      <p className="row">
        <strong className={`group-name group-${nth}`}>{t("map.group", { letter: groupLetter(nth) })}</strong>
        <span>{t("map.people", { n: group.people })}</span>
      </p>
      <p className="quiet">{t(sides.length > 0 ? "map.says" : "map.saysNothing")}</p>
      <ul className="stack">
        {sides.map(({ statement, agree }) => (
          <li key={statement.number} className="group-side">
            <SideMark agree={agree} word={agree ? "map.sideAgree" : "map.sideDisagree"} />
            <span>{statement.text}</span>
          </li>
        ))}
      </ul>
    </li>
  );
}
