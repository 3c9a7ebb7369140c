// The shape of a page while it is read.
import { Skeleton } from "antd";
import { useSpeech } from "../app/language.tsx";

export function PageSkeleton({ blocks = 3 }: { blocks?: number }) {
  const { t } = useSpeech();
  return (
    <div className="page-skeleton" aria-busy="true" aria-label={t("state.loading")}>
      {Array.from({ length: blocks }, (_, index) => (
        <div className="panel" key={index}>
          <div className="panel-body">
            <Skeleton active title={{ width: "32%" }} paragraph={{ rows: 3 }} />
          </div>
        </div>
      ))}
    </div>
  );
}
