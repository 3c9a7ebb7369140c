// A joint judgement room: what is asked, who is called, everything that happened and was said, what it came to.
import { Select } from "antd";
import { useParams, useSearchParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useOrganizations } from "../../app/organizations.ts";
import { usePerson } from "../../app/session.tsx";
import { Notice, StaleLine } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { keyOf } from "../../format/organizations.ts";
import { type Room, RoomStatus } from "../../gen/gongzhi/exchange/v1/room_pb.ts";
import { inWords } from "../../rpc/reasons.ts";
import { Composer } from "./Composer.tsx";
import { RoomHeading } from "./RoomHeading.tsx";
import { RoomTimeline } from "./RoomTimeline.tsx";
import { isOpen, useRoom } from "./useRoom.ts";
import "../case/case.css";
import "./rooms.css";

export default function RoomPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const { permits } = usePerson();
  const [query] = useSearchParams();
  const as = query.get("organization") ?? permits.organizationsOf("room.take_part")[0] ?? "";
  if (!permits.holds("room.take_part")) return <Notice title={t("rooms.noPost")} action={{ label: t("state.home"), to: "/" }} />;
  return <WatchedRoomPage key={`${id} ${as}`} roomId={id} as={as} />;
}

function WatchedRoomPage({ roomId, as }: { roomId: string; as: string }) {
  const { t, language } = useSpeech();
  const { room, timeline, stale, showMore, reload } = useRoom(roomId, as);
  const found = room.data;
  usePageTitle(found?.title);

  const back = { label: t("rooms.back"), to: `/rooms?organization=${encodeURIComponent(as)}` };
  // Whoever is not called learns so and nothing else.
  if (!found && room.failure?.reason === "NOT_CALLED") return <Notice title={inWords(room.failure, language)} action={back} />;
  if (!found) return room.failure ? <Unreadable failure={room.failure} onRetry={room.reload} back={back} /> : <PageSkeleton blocks={3} />;
  return (
    <div className="page" data-testid="room-page" data-status={RoomStatus[found.status].toLowerCase()}>
      <StaleLine failure={stale} />
      <RoomHeading room={found} as={as} back={back} onDone={reload} />
      <div className="room-columns">
        <RoomTimeline room={found} as={as} timeline={timeline} onMore={showMore} onDone={reload} />
        <div className="room-side">
          <Panel title={t("room.say")} aside={<ActingFor room={found} as={as} />} testId="room-composer">
            {isOpen(found) ? <Composer roomId={roomId} as={as} onDone={reload} /> : <p className="quiet">{t("room.closedNote")}</p>}
          </Panel>
        </div>
      </div>
    </div>
  );
}

/** For which organization somebody looks and writes; a choice where several of the person's own are in the room. */
function ActingFor({ room, as }: { room: Room; as: string }) {
  const { t } = useSpeech();
  const [query, setQuery] = useSearchParams();
  const organizations = useOrganizations("room.take_part");
  const within = [room.openedBy, ...room.called].map(keyOf);
  const choices = organizations.filter((one) => within.includes(one.value));
  if (choices.length < 2) return <span className="quiet">{choices.find((one) => one.value === as)?.label}</span>;
  const change = (value: string) => {
    const next = new URLSearchParams(query);
    next.set("organization", value);
    setQuery(next, { replace: true });
  };
  return <Select size="small" aria-label={t("room.as")} value={as} onChange={change} options={choices} popupMatchSelectWidth={false} data-testid="acting-for" />;
}
