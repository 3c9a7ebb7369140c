// Quotas that no panel of these volunteers can meet: why, the smallest change after which one could, and the way to it.
import { Link } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { Panel } from "../../components/Panel.tsx";
import { changeInWords } from "../../format/pools.ts";
import type { Pool } from "../../gen/gongzhi/deliberation/v1/pool_pb.ts";

export function InfeasiblePanel({ pool }: { pool: Pool }) {
  const { t, language } = useSpeech();
  const { permits } = usePerson();
  const changes = pool.smallestChanges;
  return (
    <Panel title={t("pool.infeasible")} testId="infeasible">
      <div className="stack">
        <p>{t(changes.length > 0 ? "pool.infeasibleNote" : "pool.infeasibleHouseholds")}</p>
        {changes.length > 0 && (
          <ul>
            {changes.map((change) => (
              <li key={`${change.category}/${change.feature}/${change.lowers}`}>
                <strong>{changeInWords(change, language)}</strong>
              </li>
            ))}
          </ul>
        )}
        {changes.length > 0 && permits.allows("pool.convene", pool.areaCode) && (
          <Link className="button button-primary" to={`/pools/${pool.poolId}/quotas`} data-testid="change-quotas">
            {t("action.ChangeQuotas")}
          </Link>
        )}
      </div>
    </Panel>
  );
}
