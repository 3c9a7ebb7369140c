// The rooms of an organization, newest first, and what a room is for.
import { Segmented } from "antd";
import { Link, useSearchParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useOrganizations } from "../../app/organizations.ts";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { type Column, DataTable } from "../../components/DataTable.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote, Notice, StaleLine } from "../../components/Notice.tsx";
import { OrganizationFilter } from "../../components/OrganizationFilter.tsx";
import { PagedList } from "../../components/PagedList.tsx";
import { roomStatusTone, roomStatusWord } from "../../format/exchange.ts";
import { keyOf, organizationOf } from "../../format/organizations.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { type Room, RoomStatus } from "../../gen/gongzhi/exchange/v1/room_pb.ts";
import { rooms } from "../../rpc/exchange.ts";
import { usePages } from "../../rpc/usePages.ts";
import { useVisiblePoll } from "../../rpc/useVisiblePoll.ts";
import { useSubjectWords } from "./subject.ts";
import "../lists.css";
import "./rooms.css";

type Show = "running" | "over" | "all";
const SHOWS: readonly Show[] = ["running", "over", "all"];
const STATUSES: Record<Show, RoomStatus[]> = { running: [RoomStatus.OPEN], over: [RoomStatus.CLOSED], all: [] };
const POLL_MS = 10_000;

export default function RoomsPage() {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const [query, setQuery] = useSearchParams();
  const organizations = useOrganizations("room.take_part");
  usePageTitle(t("rooms.title"));

  const show = SHOWS.find((one) => one === query.get("show")) ?? "running";
  const key = query.get("organization") ?? permits.organizationsOf("room.take_part")[0] ?? "";
  const organization = organizationOf(key);
  const list = usePages(organization && `rooms:${key}:${show}`, async (pageToken, signal) => {
    const answer = await rooms.listRooms({ ...(organization && { organization }), statuses: STATUSES[show], pageSize: 50, pageToken }, { signal });
    return { rows: answer.rooms, nextPageToken: answer.nextPageToken };
  });
  const stale = useVisiblePoll(list.rows !== undefined, POLL_MS, list.refresh);
  if (!permits.holds("room.take_part")) return <Notice title={t("rooms.noPost")} action={{ label: t("state.home"), to: "/" }} />;

  const change = (name: string, value: string) => {
    const next = new URLSearchParams(query);
    next.set(name, value);
    setQuery(next, { replace: true });
  };
  const about = `?organization=${encodeURIComponent(key)}`;
  return (
    <div className="page" data-testid="rooms">
      <div className="page-head list-head">
        <h1>{t("rooms.title")}</h1>
        <Segmented<Show> value={show} onChange={(value) => change("show", value)} options={SHOWS.map((value) => ({ value, label: t(`rooms.${value}`) }))} />
        <div className="list-filters">
          <OrganizationFilter label={t("rooms.organization")} value={key} onChange={(value) => change("organization", value)} options={organizations} />
          {permits.holds("room.open") && (
            <Link className="button button-primary" to={`/rooms/new${about}`} data-testid="open-room">
              {t("rooms.open")}
            </Link>
          )}
        </div>
      </div>
      <StaleLine failure={stale} />
      <PagedList list={list}>
        {(rows) => (
          <div className="panel">
            <div className="panel-body">{rows.length === 0 ? <NoRooms show={show} /> : <RoomTable rows={rows} about={about} />}</div>
          </div>
        )}
      </PagedList>
    </div>
  );
}

function NoRooms({ show }: { show: Show }) {
  const { t } = useSpeech();
  return (
    <div className="rooms-empty" data-testid="no-rooms">
      <EmptyNote>{t(`rooms.empty.${show}`)}</EmptyNote>
      <p className="quiet">{t("rooms.about")}</p>
    </div>
  );
}

function RoomTable({ rows, about }: { rows: readonly Room[]; about: string }) {
  const { t, language } = useSpeech();
  const { organizationName } = useReference();
  const subjectWords = useSubjectWords();
  const columns: Column<Room>[] = [
    {
      key: "room",
      title: t("rooms.name"),
      render: (row) => (
        <span className="room-name">
          <Link to={`/rooms/${row.roomId}${about}`}>{row.title}</Link>
          <span className="quiet room-excerpt">{row.status === RoomStatus.CLOSED ? row.summary : row.question}</span>
        </span>
      ),
    },
    { key: "status", title: t("rooms.status"), render: (row) => <Mark tone={roomStatusTone[row.status]}>{t(roomStatusWord[row.status])}</Mark> },
    { key: "subject", title: t("rooms.subject"), render: (row) => subjectWords(row.subject) },
    { key: "openedBy", title: t("rooms.openedBy"), render: (row) => organizationName(keyOf(row.openedBy)) },
    { key: "openedAt", title: t("rooms.openedAt"), render: (row) => dayAndMinute(msOf(row.openedAt) ?? 0, language) },
    { key: "called", title: t("rooms.takePart"), numeric: true, render: (row) => t("rooms.organizations", { n: row.called.length + 1 }) },
    { key: "entries", title: t("rooms.entries"), numeric: true, render: (row) => row.entries },
  ];
  return <DataTable label={t("rooms.title")} columns={columns} rows={rows} rowKey={(row) => row.roomId} rowTestId={(row) => `room-${row.roomId}`} />;
}
