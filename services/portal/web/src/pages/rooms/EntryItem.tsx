// What an organization said: a note, an assessment or a piece of evidence; or that it took it back, and why.
import { CloseCircleOutlined, EditOutlined, PaperClipOutlined, SolutionOutlined } from "@ant-design/icons";
import { ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { withdrawEntry } from "../../actions/roomSpecs.ts";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { Mark } from "../../components/Mark.tsx";
import { keyOf } from "../../format/organizations.ts";
import { minuteOfDay } from "../../format/times.ts";
import type { Assessment, Room, RoomEntry } from "../../gen/gongzhi/exchange/v1/room_pb.ts";
import { EvidenceView } from "./EvidenceView.tsx";

const ICONS = { note: EditOutlined, assessment: SolutionOutlined, evidence: PaperClipOutlined, withdrawn: CloseCircleOutlined };

interface EntryItemProps {
  at: number;
  entry: RoomEntry;
  room: Room;
  as: string;
  onDone: () => void;
}

export function EntryItem({ at, entry, room, as, onDone }: EntryItemProps) {
  const { t, language } = useSpeech();
  const { organizationName, actorName } = useReference();
  const { permits } = usePerson();
  const kind = entry.content.case ?? "withdrawn";
  const Icon = ICONS[kind];
  const organization = keyOf(entry.organization);
  const mayWithdraw = kind !== "withdrawn" && organization === as && permits.allowsFor("room.take_part", organization);
  const withdraw = { rpc: "WithdrawEntry", spec: withdrawEntry, target: { entryId: entry.entryId }, testId: `withdraw-${entry.entryId}` };
  return (
    <article className={`entry said said-${kind}`} data-testid="room-entry" data-kind={kind} data-entry={entry.entryId}>
      <time className="entry-time">{minuteOfDay(at, language)}</time>
      <span className="entry-icon" aria-hidden="true">
        <Icon />
      </span>
      <div className="entry-body said-body">
        <p className="entry-line">
          <strong>{organizationName(organization)}</strong>
          <Mark tone={kind === "assessment" ? "active" : "neutral"}>{t(`room.${kind}`)}</Mark>
          {entry.author && <span className="quiet entry-actor">{actorName(entry.author)}</span>}
        </p>
        <Content room={room} as={as} entry={entry} />
        {mayWithdraw && <ChoiceBar choices={[withdraw]} onDone={onDone} />}
      </div>
    </article>
  );
}

function Content({ room, as, entry }: { room: Room; as: string; entry: RoomEntry }) {
  const { t } = useSpeech();
  const { content } = entry;
  switch (content.case) {
    case "note":
      return <p className="prewrap">{content.value}</p>;
    case "assessment":
      return <AssessmentView assessment={content.value} />;
    case "evidence":
      return <EvidenceView roomId={room.roomId} as={as} entryId={entry.entryId} evidence={content.value} />;
    case undefined:
      return <p className="quiet prewrap">{t("room.withdrawnBecause", { reason: entry.withdrawnBecause })}</p>;
  }
}

function AssessmentView({ assessment }: { assessment: Assessment }) {
  const { t, language } = useSpeech();
  const { departmentName } = useReference();
  const departments = assessment.departmentCodes.map(departmentName);
  return (
    <dl className="assessment">
      <dt>{t("room.finding")}</dt>
      <dd className="prewrap">{assessment.finding}</dd>
      <dt>{t("room.proposal")}</dt>
      <dd className="prewrap">{assessment.proposal}</dd>
      {departments.length > 0 && (
        <>
          <dt>{t("room.departments")}</dt>
          <dd>{departments.join(language === "zh" ? "、" : ", ")}</dd>
        </>
      )}
    </dl>
  );
}
