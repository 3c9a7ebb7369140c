// A whistle: what is asked of whom, and one card per called department.
import type { ReactNode } from "react";
import { ActionBar } from "../../actions/ActionBar.tsx";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { ClockLine } from "../../components/ClockLine.tsx";
import { Mark } from "../../components/Mark.tsx";
import { Panel } from "../../components/Panel.tsx";
import { clocksOfSummons } from "../../format/clocks.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { summonsPhaseTone, summonsPhaseWord, whistleKindWord, whistleLevelNote, whistleLevelWord, whistlePhaseTone, whistlePhaseWord } from "../../format/vocabulary.ts";
import { type Action, type Summons, SummonsPhase, type Suspension, type Whistle, WhistlePhase } from "../../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import "./whistle.css";

interface WhistleCardsProps {
  whistle: Whistle;
  actions: readonly Action[];
  suspension?: Suspension | undefined;
  onDone: () => void;
  aside?: ReactNode;
}

export function WhistleCards({ whistle, actions, suspension, onDone, aside }: WhistleCardsProps) {
  const { t, language } = useSpeech();
  const { areaName } = useReference();
  const joined = whistle.summonses.filter((one) => one.phase !== SummonsPhase.EXCUSED);
  const done = joined.filter((one) => one.phase === SummonsPhase.DONE).length;
  const own = usePerson().permits.departments();
  const ownFirst = [...whistle.summonses].sort((a, b) => Number(own.includes(b.departmentCode)) - Number(own.includes(a.departmentCode)));
  const bar = (department: string) => (
    <ActionBar
      actions={actions.filter((action) => action.departmentCode === department)}
      caseId={whistle.caseId}
      whistleId={whistle.whistleId}
      onDone={onDone}
      leading={own.includes(department)}
    />
  );
  return (
    <Panel title={t("whistle.title")} note={t("whistle.progress", { done, all: joined.length })} className="whistle" aside={aside} testId="whistle">
      <div className="stack">
        <div className="row">
          <Mark tone={whistlePhaseTone[whistle.phase]}>{t(whistlePhaseWord[whistle.phase])}</Mark>
          <Mark tone="neutral">{t(whistleKindWord[whistle.kind])}</Mark>
          <span>
            <span className={`plate plate-${whistle.level}`} aria-hidden="true" />
            {t(whistleLevelWord[whistle.level])} <span className="quiet">{t(whistleLevelNote[whistle.level])}</span>
          </span>
          <span className="quiet">
            {t("whistle.by", { area: areaName(whistle.areaCode) })} · {dayAndMinute(msOf(whistle.soundedAt) ?? 0, language)}
          </span>
        </div>
        <p className="prewrap whistle-request">
          <span className="quiet">{t("whistle.request")} </span>
          {whistle.request}
        </p>
        {bar("")}
        <ul className="summonses">
          {ownFirst.map((summons) => (
            <SummonsCard key={summons.departmentCode} summons={summons} own={own.includes(summons.departmentCode)} whistle={whistle.phase} suspension={suspension}>
              {bar(summons.departmentCode)}
            </SummonsCard>
          ))}
        </ul>
      </div>
    </Panel>
  );
}

interface SummonsCardProps {
  summons: Summons;
  own: boolean;
  whistle: WhistlePhase;
  suspension: Suspension | undefined;
  children: ReactNode;
}

function SummonsCard({ summons, own, whistle, suspension, children }: SummonsCardProps) {
  const { t } = useSpeech();
  const { departmentName } = useReference();
  const open = whistle === WhistlePhase.SOUNDED || whistle === WhistlePhase.FINISHED;
  const atWork = open && summons.phase !== SummonsPhase.EXCUSED && summons.phase !== SummonsPhase.DONE;
  return (
    <li className={own ? "summons summons-own" : "summons"} data-testid={`summons-${summons.departmentCode}`} data-phase={SummonsPhase[summons.phase].toLowerCase()}>
      <header className="row">
        <h3>{departmentName(summons.departmentCode)}</h3>
        {own && <span className="quiet">{t("summons.own")}</span>}
        <span className="summons-marks">
          {summons.supervised && <Mark tone={atWork ? "bad" : "warn"}>{t(atWork ? "summons.supervised" : "summons.wasSupervised")}</Mark>}
          {summons.reminders > 0 && <Mark tone="warn">{t("summons.reminded", { n: summons.reminders })}</Mark>}
          {summons.reworks > 0 && <Mark tone="warn">{t("summons.reworks", { n: summons.reworks })}</Mark>}
          <Mark tone={summonsPhaseTone[summons.phase]}>{t(summonsPhaseWord[summons.phase])}</Mark>
        </span>
      </header>
      <ul className="clocks">
        {clocksOfSummons(summons, whistle).map((clock, index) => (
          <ClockLine key={index} clock={clock} suspension={suspension} />
        ))}
      </ul>
      {summons.refusalReason && (
        <p className="summons-refusal prewrap">
          <strong>{t("summons.refusal")}</strong> {summons.refusalReason}
        </p>
      )}
      {(summons.task || atWork) && (
        <p className="prewrap">
          <span className="quiet">{t("summons.task")} </span>
          {summons.task || <span className="quiet">{t("summons.noTask")}</span>}
        </p>
      )}
      {children}
    </li>
  );
}
