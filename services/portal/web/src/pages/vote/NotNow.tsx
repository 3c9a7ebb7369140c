// Said at once instead of a form that would be refused: why nothing can be cast now, and the way on.
import { Link } from "react-router";

export function NotNow({ title, detail, way }: { title: string; detail?: string; way?: { to: string; label: string } }) {
  return (
    <div className="panel" data-testid="not-now">
      <div className="panel-body stack" role="status">
        <p className="cast-taken">{title}</p>
        {detail && <p>{detail}</p>}
        {way && <Link to={way.to}>{way.label}</Link>}
      </div>
    </div>
  );
}
