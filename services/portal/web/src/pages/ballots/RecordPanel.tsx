// The record of a counted ballot: its digest, who signed it, the seal, and the way to the public record.
import { Link } from "react-router";
import { ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { signRecord } from "../../actions/deliberationSpecs.ts";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { CopyButton } from "../../components/CopyButton.tsx";
import { Panel } from "../../components/Panel.tsx";
import { dayAndMinute, msOf } from "../../format/times.ts";
import type { Ballot } from "../../gen/gongzhi/deliberation/v1/ballot_pb.ts";

export function RecordPanel({ ballot, onDone }: { ballot: Ballot; onDone: () => void }) {
  const { t, language } = useSpeech();
  const { actorName } = useReference();
  const { permits, staffId } = usePerson();
  const signed = ballot.signatures.some((one) => one.signer === staffId);
  const signs = !signed && permits.allows("ballot.sign", ballot.areaCode);
  return (
    <Panel title={t("ballot.record")} testId="ballot-record">
      <div className="stack">
        <Hex name={t("ballot.digest")} value={ballot.recordSha256} />
        <Link to={`/ballots/${ballot.ballotId}/record`}>{t("ballot.publicRecord")}</Link>
        <h3>{t("ballot.signatures")}</h3>
        {ballot.signatures.length < 2 && <p className="quiet">{t("ballot.signaturesNone")}</p>}
        <ul>
          {ballot.signatures.map((one) => (
            <li key={one.signer}>{t("ballot.signed", { name: actorName(one.signer), time: dayAndMinute(msOf(one.signedAt) ?? 0, language) })}</li>
          ))}
        </ul>
        {signs && <ChoiceBar choices={[{ rpc: "SignBallotRecord", spec: signRecord, target: { ballotId: ballot.ballotId } }]} onDone={onDone} />}
        {ballot.seal && <Hex name={t("ballot.seal")} value={ballot.seal} />}
        {ballot.sealKey && <Hex name={t("ballot.sealKey")} value={ballot.sealKey} />}
      </div>
    </Panel>
  );
}

export function Hex({ name, value }: { name: string; value: string }) {
  return (
    <div className="hex">
      <p className="row">
        <span className="quiet">{name}</span> <CopyButton text={value} of={name} />
      </p>
      <code className="code">{value}</code>
    </div>
  );
}
