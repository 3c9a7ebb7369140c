// What the person may do with a grant now. Whoever asked for it is told why somebody else must approve it.
import { type Choice, ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { type GrantTarget, grantSpecs } from "../../actions/exchangeSpecs.ts";
import { useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { type Grant, GrantStatus } from "../../gen/gongzhi/exchange/v1/exchange_pb.ts";

/** `leading` where the decision is what the page is for. */
export function GrantActions({ grant, onDone, leading = false }: { grant: Grant; onDone: () => void; leading?: boolean }) {
  const { t } = useSpeech();
  const { staffId, permits } = usePerson();
  if (!permits.allows("grant.decide", grant.areaCode)) return null;
  const target = { grantId: grant.grantId };
  const own = grant.requestedBy === staffId;
  const choices: Choice<GrantTarget>[] = [];
  if (grant.status === GrantStatus.REQUESTED) {
    if (!own) choices.push({ rpc: "ApproveGrant", spec: grantSpecs.ApproveGrant, target });
    choices.push({ rpc: "RefuseGrant", spec: grantSpecs.RefuseGrant, target });
  }
  if (grant.status === GrantStatus.APPROVED) choices.push({ rpc: "RevokeGrant", spec: grantSpecs.RevokeGrant, target });
  return (
    <>
      {own && grant.status === GrantStatus.REQUESTED && <p className="quiet">{t("grants.ownRequest")}</p>}
      <ChoiceBar choices={choices} onDone={onDone} first={leading ? choices.find((choice) => choice.rpc === "ApproveGrant") : undefined} />
    </>
  );
}
