// Said at once instead of a form that would be refused: why nothing can be cast now, and the ways on.
import { Link } from "react-router";

interface Way {
  to: string;
  label: string;
}

export function NotNow({ title, detail, way, other }: { title: string; detail?: string; way?: Way; other?: Way }) {
  return (
    <div className="panel" data-testid="not-now">
      <div className="panel-body stack" role="status">
        <p className="cast-taken">{title}</p>
        {detail && <p>{detail}</p>}
        {way && <Link to={way.to}>{way.label}</Link>}
        {other && <Link to={other.to}>{other.label}</Link>}
      </div>
    </div>
  );
}
