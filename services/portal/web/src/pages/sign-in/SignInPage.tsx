// Signing in with account and password.
import { Alert, Button, Form, Input } from "antd";
import { useState } from "react";
import { Navigate, useSearchParams } from "react-router";
import { Brand, LanguageSwitch } from "../../app/Layout.tsx";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { SignInRefused, useSession } from "../../app/session.tsx";
import { failureOf } from "../../rpc/failure.ts";
import { inWords, signInInWords } from "../../rpc/reasons.ts";

interface Credentials {
  account: string;
  password: string;
}

export function SignInPage() {
  const { t, language } = useSpeech();
  const { session, signIn } = useSession();
  const [query] = useSearchParams();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<unknown>();
  usePageTitle(t("signIn.title"));

  if (session.state === "signed_in") return <Navigate to={ownPath(query.get("next"))} replace />;

  const submit = async ({ account, password }: Credentials) => {
    setBusy(true);
    setRefusal(undefined);
    try {
      await signIn(account.trim(), password);
    } catch (thrown) {
      setRefusal(thrown);
      setBusy(false);
    }
  };

  return (
    <div className="sign-in">
      <div className="sign-in-head">
        <LanguageSwitch />
      </div>
      <main className="sign-in-card">
        <header>
          <Brand />
          <p className="quiet">{t("app.tagline")}</p>
        </header>
        {refusal !== undefined && (
          <Alert
            className="sign-in-alert"
            type="error"
            showIcon
            role="alert"
            data-testid="sign-in-error"
            title={refusal instanceof SignInRefused ? signInInWords(refusal.reason, language) : inWords(failureOf(refusal), language)}
          />
        )}
        {refusal === undefined && query.has("expired") && <Alert className="sign-in-alert" type="info" showIcon title={t("signIn.expired")} />}
        <Form<Credentials> layout="vertical" requiredMark={false} onFinish={submit} validateTrigger="onSubmit">
          <Form.Item name="account" label={t("signIn.account")} rules={[{ required: true, whitespace: true, message: t("signIn.accountNeeded") }]}>
            <Input autoComplete="username" autoCapitalize="none" spellCheck={false} autoFocus data-testid="account" />
          </Form.Item>
          <Form.Item name="password" label={t("signIn.password")} rules={[{ required: true, message: t("signIn.passwordNeeded") }]}>
            <Input.Password autoComplete="current-password" data-testid="password" />
          </Form.Item>
          <Form.Item>
            <Button type="primary" htmlType="submit" block loading={busy} data-testid="sign-in">
              {t("signIn.submit")}
            </Button>
          </Form.Item>
        </Form>
      </main>
    </div>
  );
}

/** Follows only a path of this site, so that a crafted link cannot lead elsewhere after signing in. */
function ownPath(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) && !next.startsWith("/sign-in") ? next : "/";
}
