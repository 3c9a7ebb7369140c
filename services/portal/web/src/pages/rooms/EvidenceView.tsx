// A piece of evidence: what it is, a picture of it where it is one, and a way to have it.
import { DownloadOutlined } from "@ant-design/icons";
import { App, Button, Modal, Skeleton } from "antd";
import { type RefObject, useEffect, useRef, useState } from "react";
import { useSpeech } from "../../app/language.tsx";
import { bytesInWords, isPicture, kindInWords } from "../../format/files.ts";
import { organizationOf } from "../../format/organizations.ts";
import type { Evidence } from "../../gen/gongzhi/exchange/v1/room_pb.ts";
import { Damaged, readEvidence } from "../../rpc/evidence.ts";
import { failureOf, wasCanceled } from "../../rpc/failure.ts";
import { inWords } from "../../rpc/reasons.ts";
import { Picture } from "./Picture.tsx";

/** A larger picture is only read when somebody asks for it: phones pay for what they read. */
const SHOWN_BY_ITSELF = 3n * 1024n * 1024n;

interface EvidenceViewProps {
  roomId: string;
  as: string;
  entryId: string;
  evidence: Evidence;
}

export function EvidenceView(props: EvidenceViewProps) {
  const { evidence } = props;
  const { t, language } = useSpeech();
  const { message } = App.useApp();
  const { blob, failure, busy, read } = useFile(props);
  const whole = useRef<HTMLDivElement>(null);
  const picture = isPicture(evidence.mediaType);
  useOnceSeen(whole, picture && evidence.bytes <= SHOWN_BY_ITSELF, () => void read());

  const download = async () => {
    const found = await read();
    if (found) save(found, evidence.fileName);
    else message.error(t("room.evidence.failed"));
  };
  return (
    <div ref={whole} className="evidence" data-testid="evidence">
      {evidence.caption && <p className="prewrap">{evidence.caption}</p>}
      {picture && blob && <Enlargeable blob={blob} name={evidence.caption || evidence.fileName} />}
      {picture && !blob && busy && <Skeleton.Image active />}
      {failure !== undefined && (
        <p className="bad" role="alert">
          {failure instanceof Damaged ? t("room.evidence.damaged") : inWords(failureOf(failure), language)}
        </p>
      )}
      <p className="row evidence-file">
        <span>{evidence.fileName}</span>
        <span className="quiet" title={`SHA-256 ${evidence.sha256}`}>
          {kindInWords(evidence.mediaType, language)} · {bytesInWords(Number(evidence.bytes))}
        </span>
      </p>
      <p className="row">
        {picture && !blob && (evidence.bytes > SHOWN_BY_ITSELF || failure !== undefined) && (
          <Button size="small" onClick={() => void read()} loading={busy}>
            {t("room.evidence.show")}
          </Button>
        )}
        <Button size="small" icon={<DownloadOutlined />} onClick={() => void download()} loading={busy} aria-label={`${t("room.evidence.download")} ${evidence.fileName}`} data-testid="download-evidence">
          {t("room.evidence.download")}
        </Button>
      </p>
    </div>
  );
}

function Enlargeable({ blob, name }: { blob: Blob; name: string }) {
  const { t } = useSpeech();
  const [large, setLarge] = useState(false);
  return (
    <>
      <button type="button" className="picture-button" onClick={() => setLarge(true)} aria-label={t("room.evidence.enlarge", { name })}>
        <Picture blob={blob} label={name} />
      </button>
      <Modal open={large} title={name} footer={null} onCancel={() => setLarge(false)} width="min(1200px, 96vw)" centered destroyOnHidden>
        <div className="picture-large">
          <Picture blob={blob} label={name} widest={2400} />
        </div>
      </Modal>
    </>
  );
}

/** Reads a file once, however often it is asked for, and stops when it is no longer looked at. */
function useFile({ roomId, as, entryId, evidence }: EvidenceViewProps) {
  const [blob, setBlob] = useState<Blob>();
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const reading = useRef<Promise<Blob | undefined>>(undefined);
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);

  const readNow = async () => {
    const ending = new AbortController();
    stop.current = ending;
    setBusy(true);
    setFailure(undefined);
    try {
      const organization = organizationOf(as);
      const found = await readEvidence({ roomId, ...(organization && { organization }), entryId }, evidence, ending.signal);
      setBlob(found);
      return found;
    } catch (thrown) {
      reading.current = undefined;
      if (!ending.signal.aborted && !wasCanceled(thrown)) setFailure(thrown);
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  const read = () => (reading.current ??= readNow());
  return { blob, failure, busy, read };
}

/** Calls once, when the element comes near the screen. */
function useOnceSeen(element: RefObject<HTMLElement | null>, active: boolean, seen: () => void): void {
  const latest = useRef(seen);
  latest.current = seen;
  useEffect(() => {
    if (!active || !element.current) return;
    const watch = new IntersectionObserver(
      (changes) => {
        if (!changes.some((change) => change.isIntersecting)) return;
        watch.disconnect();
        latest.current();
      },
      { rootMargin: "300px" },
    );
    watch.observe(element.current);
    return () => watch.disconnect();
  }, [active, element]);
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser reads it after the click; it is let go later.
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
