// How facts get to the subscriber; for webhooks where to, how they are signed, and a test.
import { Alert, Button } from "antd";
import { useRef, useState } from "react";
import { useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { FailureLine } from "../../components/Notice.tsx";
import { Pair } from "../../components/Pairs.tsx";
import { Panel } from "../../components/Panel.tsx";
import { schemeWord, wayNote, wayWord } from "../../format/exchange.ts";
import { keyOf } from "../../format/organizations.ts";
import { DeliveryWay, type SendTestResponse, type Subscription, SubscriptionStatus } from "../../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { subscriptions } from "../../rpc/exchange.ts";
import { type Failure, failureOf } from "../../rpc/failure.ts";
import { freshKey, idempotent } from "../../rpc/idempotency.ts";
import { CredentialsBlock } from "./CredentialsBlock.tsx";
import { KeysBlock } from "./KeysBlock.tsx";

/** The exchange waits 15 seconds for the receiver. */
const TEST_WITHIN_MS = 20_000;

export function DeliveryPanel({ found }: { found: Subscription }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const owner = keyOf(found.organization);
  const webhook = found.webhook;
  const alive = found.status !== SubscriptionStatus.ENDED;
  return (
    <Panel title={t("subscriptions.delivery")} note={t(wayWord[found.way])} testId="subscription-delivery">
      <div className="stack">
        <p className="quiet">{t(wayNote[found.way])}</p>
        {found.way === DeliveryWay.PULL && <p>{t("subscriptions.pullHint")}</p>}
        {found.way === DeliveryWay.NATS && <p>{t("subscriptions.natsHint")}</p>}
        {found.way === DeliveryWay.NATS && alive && permits.allowsFor("subscription.manage", owner) && <CredentialsBlock subscriptionId={found.subscriptionId} />}
        {webhook && (
          <dl className="filter-pairs">
            <Pair name={t("subscriptions.url")}>
              <span className="code">{webhook.url}</span>
            </Pair>
            <Pair name={t("subscriptions.scheme")}>{t(schemeWord[webhook.scheme])}</Pair>
            <Pair name={t("subscriptions.networks")}>{webhook.allowedNetworks.length > 0 ? <span className="code">{webhook.allowedNetworks.join(", ")}</span> : t("subscriptions.noNetworks")}</Pair>
          </dl>
        )}
        {webhook && alive && permits.allowsFor("subscription.operate", owner) && <Test subscriptionId={found.subscriptionId} />}
        {webhook && alive && permits.allowsFor("subscription.manage", owner) && <KeysBlock subscriptionId={found.subscriptionId} scheme={webhook.scheme} />}
      </div>
    </Panel>
  );
}

function Test({ subscriptionId }: { subscriptionId: string }) {
  const { t } = useSpeech();
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<SendTestResponse>();
  const [failure, setFailure] = useState<Failure>();
  // Every test is an intent of its own: a repeat must be sent again, not be told what the last one was.
  const latest = useRef(0);

  const send = async () => {
    const turn = ++latest.current;
    setBusy(true);
    setFailure(undefined);
    setAnswer(undefined);
    try {
      const told = await subscriptions.sendTest({ subscriptionId }, { ...idempotent(freshKey()), timeoutMs: TEST_WITHIN_MS });
      if (turn === latest.current) setAnswer(told);
    } catch (thrown) {
      if (turn === latest.current) setFailure(failureOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="stack test-block">
      <div className="row">
        <Button onClick={() => void send()} loading={busy} data-testid="send-test">
          {t("subscriptions.test")}
        </Button>
        <span className="quiet">{t(busy ? "subscriptions.testing" : "subscriptions.testNote")}</span>
      </div>
      <div aria-live="polite">
        {failure && <FailureLine failure={failure} />}
        {answer && <Outcome answer={answer} />}
      </div>
    </div>
  );
}

function Outcome({ answer }: { answer: SendTestResponse }) {
  const { t } = useSpeech();
  const values = { status: answer.httpStatus, ms: answer.tookMs };
  if (answer.error === "") return <Alert type="success" showIcon title={t("subscriptions.testAccepted", values)} data-testid="test-outcome" />;
  return (
    <Alert
      type="error"
      showIcon
      title={t(answer.httpStatus === 0 ? "subscriptions.testNoAnswer" : "subscriptions.testRefused", values)}
      description={
        <>
          <span className="code">{answer.error}</span>
          <br />
          {t("subscriptions.testDo")}
        </>
      }
      data-testid="test-outcome"
    />
  );
}
