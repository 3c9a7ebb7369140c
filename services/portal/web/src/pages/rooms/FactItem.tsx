// A fact on the timeline: its title, where, the most telling of its fields; the event itself for whoever wants to see it.
import { useState } from "react";
import { Link } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { CodeBlock } from "../../components/CodeBlock.tsx";
import { titleOf } from "../../components/FactName.tsx";
import { Mark } from "../../components/Mark.tsx";
import { prettyJson } from "../../format/facts.ts";
import { eventOf, tellingOf } from "../../format/roomFacts.ts";
import { minuteOfDay } from "../../format/times.ts";
import type { Room, RoomFact } from "../../gen/gongzhi/exchange/v1/room_pb.ts";
import { EventIcon } from "../case/EventIcon.tsx";

const COMMUNITY_LENGTH = 12;

export function FactItem({ at, fact, room }: { at: number; fact: RoomFact; room: Room }) {
  const { t, language } = useSpeech();
  const reference = useReference();
  const { permits } = usePerson();
  const event = eventOf(fact.event);
  const { phrases, text, late } = tellingOf(fact.fact, event, language, reference);
  const isOther = room.subject?.about.case !== "caseId" || room.subject.about.value !== event.caseId;
  const title = titleOf(fact, language);
  return (
    <article className="entry" data-testid="room-fact" data-fact={fact.fact}>
      <time className="entry-time">{minuteOfDay(at, language)}</time>
      <span className="entry-icon" aria-hidden="true">
        <EventIcon event={fact.fact.split(".")[1] ?? fact.fact} />
      </span>
      <div className="entry-body">
        <p className="entry-line">
          <strong title={fact.fact}>{title}</strong>
          {phrases.map((phrase, index) => (
            // Two fields may say the same; their order is that of the contract.
            <span key={index}>{phrase}</span>
          ))}
          {late && <Mark tone="bad">{t("timeline.late")}</Mark>}
          {event.caseId && isOther && permits.allows("case.read", event.areaCode) && <Link to={`/case/${event.caseId}`}>{t("room.toCase")}</Link>}
          {event.areaCode && <span className="quiet entry-actor">{reference.areaName(event.areaCode.slice(0, COMMUNITY_LENGTH))}</span>}
        </p>
        {text && <p className="prewrap entry-text">{text}</p>}
        <RawEvent text={fact.event} title={title} />
      </div>
    </article>
  );
}

/** The text is only made when it is wanted: a timeline may have a thousand of them. */
function RawEvent({ text, title }: { text: string; title: string }) {
  const { t } = useSpeech();
  const [open, setOpen] = useState(false);
  return (
    <details className="raw-event" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="quiet" aria-label={`${t("room.fact.raw")} · ${title}`}>
        {t("room.fact.raw")}
      </summary>
      {open && <CodeBlock text={prettyJson(text)} label={t("room.fact.raw")} />}
    </details>
  );
}
