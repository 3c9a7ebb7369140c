// Puts an agenda into another order: by dragging, or by buttons and so by keyboard. It is saved with a reason.
import { ArrowDownOutlined, ArrowUpOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { reorderAgenda } from "../../actions/deliberationSpecs.ts";
import { useSpeech } from "../../app/language.tsx";
import type { Agenda } from "../../gen/gongzhi/deliberation/v1/agenda_pb.ts";
import { useTitles } from "./topicTitles.tsx";

export function Reorder({ agenda, onDone, onClose }: { agenda: Agenda; onDone: () => void; onClose: () => void }) {
  const { t } = useSpeech();
  const title = useTitles();
  const [order, setOrder] = useState(agenda.order);
  const [dragged, setDragged] = useState<string>();
  const [said, setSaid] = useState("");
  const move = (topic: string, to: number) => {
    if (to < 0 || to >= order.length) return;
    const rest = order.filter((one) => one !== topic);
    setOrder([...rest.slice(0, to), topic, ...rest.slice(to)]);
    setSaid(t("agenda.moved", { title: title(topic), n: to + 1 }));
  };
  const changed = order.some((topic, at) => topic !== agenda.order[at]);
  return (
    <div className="stack" data-testid="reorder-list">
      <ol className="places">
        {order.map((topic, index) => (
          <li
            key={topic}
            className={topic === dragged ? "place-movable place-dragged" : "place-movable"}
            draggable
            onDragStart={() => setDragged(topic)}
            onDragEnd={() => setDragged(undefined)}
            onDragOver={(event) => {
              event.preventDefault();
              if (dragged && dragged !== topic) move(dragged, index);
            }}
          >
            <span className="place-number">{index + 1}</span>
            <span>{title(topic)}</span>
            <span className="place-tools">
              <Button size="small" icon={<ArrowUpOutlined />} disabled={index === 0} onClick={() => move(topic, index - 1)} aria-label={`${t("agenda.up")}: ${title(topic)}`} />
              <Button size="small" icon={<ArrowDownOutlined />} disabled={index === order.length - 1} onClick={() => move(topic, index + 1)} aria-label={`${t("agenda.down")}: ${title(topic)}`} />
            </span>
          </li>
        ))}
      </ol>
      <p className="quiet" aria-live="polite">
        {said}
      </p>
      <div className="row">
        {changed && <ChoiceBar choices={[{ rpc: "ReorderAgenda", spec: reorderAgenda, target: { agendaId: agenda.agendaId, topicIds: order } }]} onDone={onDone} />}
        <Button onClick={onClose}>{t("state.cancel")}</Button>
      </div>
    </div>
  );
}
