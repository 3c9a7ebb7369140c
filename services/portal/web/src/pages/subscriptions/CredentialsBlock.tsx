// Credentials on NATS: issued on request, shown once and kept nowhere; issuing again replaces them.
import { Alert, Button, Popconfirm } from "antd";
import { useState } from "react";
import { useSpeech } from "../../app/language.tsx";
import { CopyButton } from "../../components/CopyButton.tsx";
import { FailureLine } from "../../components/Notice.tsx";
import { Pair } from "../../components/Pairs.tsx";
import type { IssueNatsCredentialsResponse } from "../../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { subscriptions } from "../../rpc/exchange.ts";
import { type Failure, failureOf } from "../../rpc/failure.ts";
import { freshKey, idempotent } from "../../rpc/idempotency.ts";

export function CredentialsBlock({ subscriptionId }: { subscriptionId: string }) {
  const { t } = useSpeech();
  const [busy, setBusy] = useState(false);
  const [issued, setIssued] = useState<IssueNatsCredentialsResponse>();
  const [failure, setFailure] = useState<Failure>();

  const issue = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      setIssued(await subscriptions.issueNatsCredentials({ subscriptionId }, idempotent(freshKey())));
    } catch (thrown) {
      setFailure(failureOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="stack keys-block" data-testid="nats-credentials">
      <h3>{t("subscriptions.credentials")}</h3>
      <p className="quiet">{t("subscriptions.credentialsNote")}</p>
      <div className="row">
        <Popconfirm title={t("subscriptions.credentialsReplace")} onConfirm={() => void issue()} okText={t("subscriptions.credentialsIssue")}>
          <Button loading={busy} data-testid="issue-credentials">
            {t("subscriptions.credentialsIssue")}
          </Button>
        </Popconfirm>
      </div>
      <div aria-live="polite">
        {failure && <FailureLine failure={failure} />}
        {issued && <Issued issued={issued} />}
      </div>
    </div>
  );
}

function Issued({ issued }: { issued: IssueNatsCredentialsResponse }) {
  const { t } = useSpeech();
  return (
    <div className="stack">
      <Alert type="warning" showIcon title={t("subscriptions.credentialsOnce")} />
      <div className="row">
        <CopyButton text={issued.credentials} of={t("subscriptions.credentials")} />
      </div>
      <dl className="filter-pairs">
        <Pair name={t("subscriptions.natsStream")}>
          <span className="code">{issued.stream}</span>
        </Pair>
        <Pair name={t("subscriptions.natsDurable")}>
          <span className="code key-text">{issued.durable}</span>
        </Pair>
        <Pair name={t("subscriptions.natsDomain")}>
          <span className="code">{issued.domain}</span>
        </Pair>
        <Pair name={t("subscriptions.natsInbox")}>
          <span className="code key-text">{issued.inboxPrefix}</span>
        </Pair>
      </dl>
    </div>
  );
}
