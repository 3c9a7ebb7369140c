// The visits that bring results back: whom to visit, and the rating of the resident.
import { Alert, App, Button, Segmented } from "antd";
import { useRef, useState } from "react";
import { Link } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useNow } from "../../app/now.ts";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote, ErrorNotice, FailureLine, Notice } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { durationInWords } from "../../format/durations.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { ratingWord } from "../../format/vocabulary.ts";
import { type FollowUpVisit, Rating } from "../../gen/gongzhi/grid/v1/grid_pb.ts";
import { followUps } from "../../rpc/clients.ts";
import { type Failure, failureOf } from "../../rpc/failure.ts";
import { IntentKeys, idempotent } from "../../rpc/idempotency.ts";
import { inWords } from "../../rpc/reasons.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import "../lists.css";

type Filter = "waiting" | "all";
const RATINGS = [Rating.SATISFIED, Rating.FAIRLY_SATISFIED, Rating.NOT_SATISFIED, Rating.NOT_REACHED];

export default function VisitsPage() {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const [filter, setFilter] = useState<Filter>("waiting");
  const area = permits.areasOf("follow_up.read")[0];
  usePageTitle(t("visits.title"));
  const list = useQuery(area && `visits:${area}:${filter}`, (signal) =>
    followUps.listFollowUpVisits({ areaCode: area ?? "", waitingOnly: filter === "waiting", pageSize: 200 }, { signal }),
  );

  if (!area) return <Notice title={t("failure.forbidden")} action={{ label: t("state.home"), to: "/" }} />;
  return (
    <div className="page page-narrow" data-testid="visits">
      <div className="page-head list-head">
        <h1>{t("visits.title")}</h1>
        <Segmented<Filter>
          value={filter}
          onChange={setFilter}
          options={[
            { value: "waiting", label: t("visits.waiting") },
            { value: "all", label: t("visits.all") },
          ]}
        />
        <p className="quiet">{t("visits.note")}</p>
      </div>
      {list.failure && list.data && <FailureLine failure={list.failure} onRetry={list.reload} />}
      {!list.data && (list.failure ? <ErrorNotice failure={list.failure} onRetry={list.reload} /> : <PageSkeleton blocks={2} />)}
      {list.data?.visits.length === 0 && (
        <div className="panel">
          <EmptyNote>{t("visits.empty")}</EmptyNote>
        </div>
      )}
      <ul className="cards">
        {list.data?.visits.map((visit) => (
          <VisitCard key={visit.visitId} visit={visit} onRecorded={list.reload} />
        ))}
      </ul>
    </div>
  );
}

function VisitCard({ visit, onRecorded }: { visit: FollowUpVisit; onRecorded: () => void }) {
  const { t, language } = useSpeech();
  const { areaName } = useReference();
  const { permits } = usePerson();
  const now = useNow();
  const recorded = msOf(visit.recordedAt);
  return (
    <li className="panel card" data-testid={`visit-${visit.visitId}`}>
      <p className="row">
        <strong>{areaName(visit.areaCode)}</strong>
        {visit.gridId && <span className="quiet">{visit.gridId}</span>}
        <span className="card-clock quiet">
          {recorded === undefined
            ? t("visits.since", { length: durationInWords(now - (msOf(visit.openedAt) ?? now), language) })
            : t("visits.recorded", { time: dayAndMinute(recorded, language) })}
        </span>
      </p>
      <p className="row">
        <span>{t("visits.reporter", { n: visit.reporter, round: visit.round })}</span>
        <Link to={`/case/${visit.caseId}`}>{t("register.toCase")}</Link>
        {recorded !== undefined && <Mark tone={visit.rating === Rating.NOT_SATISFIED ? "bad" : "good"}>{t(ratingWord[visit.rating])}</Mark>}
      </p>
      {recorded === undefined && permits.allows("follow_up.record", visit.areaCode) && <RatingButtons visitId={visit.visitId} onRecorded={onRecorded} />}
    </li>
  );
}

function RatingButtons({ visitId, onRecorded }: { visitId: string; onRecorded: () => void }) {
  const { t, language } = useSpeech();
  const { modal, message } = App.useApp();
  const [failure, setFailure] = useState<Failure>();
  const intents = useRef(new IntentKeys());

  const record = async (rating: Rating) => {
    const request = { visitId, rating };
    try {
      await followUps.recordFollowUpVisit(request, idempotent(intents.current.keyFor(request)));
      message.success(t("visits.thanks"));
      onRecorded();
    } catch (thrown) {
      setFailure(failureOf(thrown));
    }
  };
  const ask = (rating: Rating) => {
    setFailure(undefined);
    modal.confirm({
      title: t("visits.confirm", { rating: t(ratingWord[rating]) }),
      okText: t("visits.record"),
      cancelText: t("state.cancel"),
      onOk: () => record(rating),
    });
  };
  return (
    <>
      {failure && <Alert type="error" showIcon title={inWords(failure, language)} />}
      <div className="rating-buttons" role="group" aria-label={t("visits.record")}>
        {RATINGS.map((rating) => (
          <Button key={rating} onClick={() => ask(rating)} data-testid={`rate-${visitId}-${rating}`}>
            {t(ratingWord[rating])}
          </Button>
        ))}
      </div>
    </>
  );
}
