// The opinion map as a drawing: statements are dots, groups are circles, and no person is anywhere. One stop of Tab; arrow keys go from statement to statement.
import { type KeyboardEvent, useMemo } from "react";
import { useSpeech } from "../../app/language.tsx";
import { type Circle, type Direction, layoutOf, neighbour, SIDE } from "../../format/opinionMap.ts";
import { groupLetter } from "../../format/opinions.ts";
import type { OpinionMap } from "../../gen/gongzhi/deliberation/v1/conversation_pb.ts";

interface MapPictureProps {
  map: OpinionMap;
  picked: number | undefined;
  onPick: (number: number) => void;
}

const DIRECTIONS: readonly string[] = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"] satisfies Direction[];

export function MapPicture({ map, picked, onPick }: MapPictureProps) {
  const { t } = useSpeech();
  const { dots, circles, origin } = useMemo(() => layoutOf(map), [map]);
  const onKey = (event: KeyboardEvent) => {
    if (!DIRECTIONS.includes(event.key)) return;
    event.preventDefault();
    onPick(picked === undefined ? (dots[0]?.number ?? 0) : neighbour(dots, picked, event.key as Direction));
  };
  return (
    <svg
      className="map"
      viewBox={`0 0 ${SIDE} ${SIDE}`}
      role="application"
      aria-label={t("map.pictureLabel", { dots: dots.length, groups: circles.length })}
      tabIndex={0}
      onKeyDown={onKey}
      onFocus={() => picked === undefined && dots[0] && onPick(dots[0].number)}
      data-testid="map"
    >
      <path className="map-axes" d={`M0 ${origin.y}H${SIDE}M${origin.x} 0V${SIDE}`} />
      {circles.map((circle) => (
        <GroupCircle key={circle.nth} circle={circle} label={t("map.group", { letter: groupLetter(circle.nth) })} people={t("map.people", { n: map.groups[circle.nth]?.people ?? 0 })} />
      ))}
      {dots.map((dot) => (
        <g key={dot.number} className={dot.number === picked ? "map-dot map-dot-picked" : "map-dot"} data-number={dot.number} onPointerEnter={() => onPick(dot.number)} onClick={() => onPick(dot.number)}>
          <circle className="map-reach" cx={dot.x} cy={dot.y} r={12} />
          <circle className="map-mark" cx={dot.x} cy={dot.y} r={8} />
          <text x={dot.x} y={dot.y}>
            {dot.number}
          </text>
        </g>
      ))}
    </svg>
  );
}

function GroupCircle({ circle, label, people }: { circle: Circle; label: string; people: string }) {
  return (
    <g className={`map-group group-${circle.nth}`}>
      <circle cx={circle.x} cy={circle.y} r={circle.radius} />
      <text x={circle.x} y={circle.y - circle.radius - 6}>
        {label}
      </text>
      <text x={circle.x} y={circle.y + circle.radius + 14}>
        {people}
      </text>
    </g>
  );
}
