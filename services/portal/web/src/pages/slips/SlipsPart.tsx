// The slips of something that is voted on, on its page: when they were printed, the way to print them, and the address at which they are cast.
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { Link } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { CopyButton } from "../../components/CopyButton.tsx";
import { Panel } from "../../components/Panel.tsx";
import { dayAndMinute, msOf } from "../../format/times.ts";

interface SlipsPartProps {
  /** What does not change any more. */
  stays: string;
  note: string;
  printedAt: Timestamp | undefined;
  /** The permission of printing. */
  prints: string;
  areaCode: string;
  printTo: string;
  votePath: string;
}

export function SlipsPart({ stays, note, printedAt, prints, areaCode, printTo, votePath }: SlipsPartProps) {
  const { t, language } = useSpeech();
  const { permits } = usePerson();
  const printed = msOf(printedAt);
  const address = `${window.location.origin}${votePath}`;
  return (
    <Panel title={t("ballot.slips")} note={stays} testId="slips-part">
      <div className="stack">
        <p className="quiet">{note}</p>
        {printed !== undefined && <p>{t("ballot.slipsPrinted", { time: dayAndMinute(printed, language) })}</p>}
        {printed === undefined && permits.allows(prints, areaCode) && (
          <Link className="button button-primary" to={printTo} data-testid="go-print">
            {t("ballot.slipsGo")}
          </Link>
        )}
        <p className="row">
          <span className="quiet">{t("ballot.voteAddress")}</span> <a href={address}>{address}</a> <CopyButton text={address} of={t("ballot.voteAddress")} />
        </p>
      </div>
    </Panel>
  );
}
