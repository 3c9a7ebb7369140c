// What a room is about, who is in it, what it came to, and what its opener may do.
import { Link } from "react-router";
import { type Choice, ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { callOrganization, closeRoom, type RoomTarget } from "../../actions/roomSpecs.ts";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { Mark } from "../../components/Mark.tsx";
import { Pair, Pairs } from "../../components/Pairs.tsx";
import { roomStatusTone, roomStatusWord } from "../../format/exchange.ts";
import { keyOf } from "../../format/organizations.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import type { Room } from "../../gen/gongzhi/exchange/v1/room_pb.ts";
import { useSubjectWords } from "./subject.ts";
import { isOpen } from "./useRoom.ts";

interface RoomHeadingProps {
  room: Room;
  as: string;
  back: { label: string; to: string };
  onDone: () => void;
}

export function RoomHeading({ room, as, back, onDone }: RoomHeadingProps) {
  const { t, language } = useSpeech();
  const { organizationName } = useReference();
  const { permits } = usePerson();
  const subjectWords = useSubjectWords();
  const when = (ms: number | undefined) => (ms === undefined ? "–" : dayAndMinute(ms, language));
  const caseId = room.subject?.about.case === "caseId" ? room.subject.about.value : "";
  const mayReadCase = permits.allows("case.read", room.subject?.areaCode ?? "");
  return (
    <div className="panel">
      <div className="panel-body stack">
        <Link className="back" to={back.to}>
          {back.label}
        </Link>
        <div className="row">
          <h1 className="room-title" data-testid="room-title">
            {room.title}
          </h1>
          <Mark tone={roomStatusTone[room.status]}>{t(roomStatusWord[room.status])}</Mark>
        </div>
        <p className="prewrap room-question">
          <span className="quiet">{t("room.question")} </span>
          {room.question}
        </p>
        {room.summary && (
          <div className="room-summary" data-testid="room-summary">
            <h2>{t("room.summary")}</h2>
            <p className="prewrap">{room.summary}</p>
          </div>
        )}
        <Pairs>
          <Pair name={t("rooms.subject")} testId="room-subject">
            {subjectWords(room.subject)} {caseId && mayReadCase && <Link to={`/case/${caseId}`}>{t("room.toCase")}</Link>}
          </Pair>
          <Pair name={t("rooms.openedBy")}>
            {organizationName(keyOf(room.openedBy))} · {when(msOf(room.openedAt))}
          </Pair>
          {room.closedAt && <Pair name={t("room.closedAt")}>{when(msOf(room.closedAt))}</Pair>}
          <Pair name={t("rooms.called")} width="all" testId="room-called">
            <ul className="room-called">
              {room.called.map(keyOf).map((key) => (
                <li key={key}>
                  <Mark tone={key === as ? "active" : "neutral"}>{organizationName(key)}</Mark>
                </li>
              ))}
            </ul>
          </Pair>
        </Pairs>
        {isOpen(room) && <OpenerActions room={room} onDone={onDone} />}
      </div>
    </div>
  );
}

function OpenerActions({ room, onDone }: { room: Room; onDone: () => void }) {
  const { permits } = usePerson();
  const opener = keyOf(room.openedBy);
  if (!permits.allowsFor("room.open", opener)) return null;
  const target = { roomId: room.roomId };
  const choices: Choice<RoomTarget>[] = [
    { rpc: "CallOrganization", spec: callOrganization([opener, ...room.called.map(keyOf)]), target },
    { rpc: "CloseRoom", spec: closeRoom, target },
  ];
  return <ChoiceBar choices={choices} onDone={onDone} />;
}
