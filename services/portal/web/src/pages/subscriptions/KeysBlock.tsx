// The keys with which a webhook is signed: fetched only when somebody wants to see them, forgotten when they are hidden.
import { Button } from "antd";
import { useState } from "react";
import { ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { subscriptionSpecs } from "../../actions/exchangeSpecs.ts";
import { useSpeech } from "../../app/language.tsx";
import { CopyButton } from "../../components/CopyButton.tsx";
import { Mark } from "../../components/Mark.tsx";
import { FailureLine } from "../../components/Notice.tsx";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { SignatureScheme, type SigningKey } from "../../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { subscriptions } from "../../rpc/exchange.ts";
import { useQuery } from "../../rpc/useQuery.ts";

export function KeysBlock({ subscriptionId, scheme }: { subscriptionId: string; scheme: SignatureScheme }) {
  const { t } = useSpeech();
  const [shown, setShown] = useState(false);
  const keys = useQuery(shown ? `keys:${subscriptionId}` : undefined, (signal) => subscriptions.readSigningKeys({ subscriptionId }, { signal }));
  const choice = { rpc: "RotateSigningKey", spec: subscriptionSpecs.RotateSigningKey, target: { subscriptionId } };
  return (
    <div className="stack keys-block" data-testid="signing-keys">
      <h3>{t("subscriptions.keys")}</h3>
      <p className="quiet">{t(scheme === SignatureScheme.HMAC ? "subscriptions.keysSecret" : "subscriptions.keysPublic")}</p>
      {shown && keys.failure && <FailureLine failure={keys.failure} onRetry={keys.reload} />}
      {shown && (
        <ul className="keys">
          {keys.data?.keys.map((key) => (
            <KeyLine key={key.key} signing={key} />
          ))}
        </ul>
      )}
      <div className="row">
        <Button onClick={() => setShown((was) => !was)} loading={shown && keys.loading && !keys.data} aria-expanded={shown} data-testid="reveal-keys">
          {t(shown ? "subscriptions.hide" : "subscriptions.reveal")}
        </Button>
        <ChoiceBar choices={[choice]} onDone={() => (shown ? keys.reload() : setShown(true))} />
      </div>
    </div>
  );
}

function KeyLine({ signing }: { signing: SigningKey }) {
  const { t, language } = useSpeech();
  const made = msOf(signing.madeAt);
  const ends = msOf(signing.endsAt);
  return (
    <li>
      <span className="code key-text">{signing.key}</span>
      <span className="row">
        {ends === undefined ? <Mark tone="good">{t("subscriptions.keyNewest")}</Mark> : <Mark tone="warn">{t("subscriptions.keyEnds", { time: dayAndMinute(ends, language) })}</Mark>}
        {made !== undefined && <span className="quiet">{t("subscriptions.keyMade", { time: dayAndMinute(made, language) })}</span>}
        <CopyButton text={signing.key} of={t("subscriptions.keys")} />
      </span>
    </li>
  );
}
