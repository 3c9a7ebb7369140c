// Draws a picture that was read, as large as there is room. On a canvas: the pages allow no images but their own, and a picture of many
// megapixels is kept no larger than it is seen.
import { useEffect, useRef, useState } from "react";
import { useSpeech } from "../../app/language.tsx";

export function Picture({ blob, label, widest = 640 }: { blob: Blob; label: string; widest?: number }) {
  const { t } = useSpeech();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    let gone = false;
    createImageBitmap(blob).then(
      (bitmap) => {
        if (!gone && canvas.current) draw(canvas.current, bitmap, widest);
        bitmap.close();
      },
      () => !gone && setFailed(true),
    );
    return () => {
      gone = true;
    };
  }, [blob, widest]);

  if (failed) return <p className="quiet">{t("room.evidence.undrawable")}</p>;
  return <canvas ref={canvas} className="picture" role="img" aria-label={label} width={0} height={0} data-testid="picture" />;
}

function draw(canvas: HTMLCanvasElement, bitmap: ImageBitmap, widest: number): void {
  const scale = Math.min(1, widest / Math.max(bitmap.width, bitmap.height));
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  if (context) context.imageSmoothingQuality = "high";
  context?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  canvas.dataset.drawn = "true";
}
