// A tie that changes what is paid for: between which projects, from where its number comes, and how it was settled.
import { useSpeech } from "../../app/language.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Pair, Pairs } from "../../components/Pairs.tsx";
import { yuanOf } from "../../format/deliberation.ts";
import { type Fund, FundStatus } from "../../gen/gongzhi/deliberation/v1/fund_pb.ts";

export function TiePanel({ fund }: { fund: Fund }) {
  const { t } = useSpeech();
  const tied = fund.projects.filter((project) => fund.tied.includes(project.number));
  const waits = fund.status === FundStatus.TIED;
  return (
    <Panel title={t("fund.tie")} testId="fund-tie">
      <div className="stack">
        {waits && <p>{t("fund.tieNote")}</p>}
        {tied.length > 0 && (
          <ul>
            {tied.map((project) => (
              <li key={project.number}>
                {project.number}. {project.title} <span className="quiet">{yuanOf(project.costFen)}</span>
              </li>
            ))}
          </ul>
        )}
        <Pairs>
          <Pair name={t("fund.tieSource")} width="all">
            {fund.tieSource}
          </Pair>
          {fund.tieNumber !== "" && <Pair name={t("fund.tieNumber")}>{fund.tieNumber}</Pair>}
        </Pairs>
        <p className="quiet">{t("fund.tieHow")}</p>
      </div>
    </Panel>
  );
}
