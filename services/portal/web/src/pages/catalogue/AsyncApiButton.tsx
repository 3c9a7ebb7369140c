// Gives the whole catalogue as a file for programs.
import { DownloadOutlined } from "@ant-design/icons";
import { App, Button } from "antd";
import { useState } from "react";
import { useSpeech } from "../../app/language.tsx";
import { prettyJson } from "../../format/facts.ts";
import { catalogue } from "../../rpc/exchange.ts";
import { failureOf } from "../../rpc/failure.ts";
import { inWords } from "../../rpc/reasons.ts";

export function AsyncApiButton() {
  const { t, language } = useSpeech();
  const { message } = App.useApp();
  const [busy, setBusy] = useState(false);

  const download = async () => {
    setBusy(true);
    try {
      const { document: text } = await catalogue.getAsyncApi({});
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([prettyJson(text)], { type: "application/json" }));
      link.download = "gongzhi.asyncapi.json";
      link.click();
      // The browser reads it after the click; it is let go later.
      window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    } catch (thrown) {
      message.error(`${t("catalogue.asyncApiFailed")} · ${inWords(failureOf(thrown), language)}`);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button icon={<DownloadOutlined />} loading={busy} onClick={() => void download()} data-testid="asyncapi">
      {t("catalogue.asyncApi")}
    </Button>
  );
}
